"""A customer's cases of all kinds, as one list."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from api.customers.schemas import CaseOfCustomerView
from api.http.paging import Order, Paging, page_of_parts
from api.http.payloads import Page
from api.identity.callers import Caller
from api.registry import KINDS
from domain.cases import CaseKind
from models.base import UTC_TIME

MOMENTS = {
    CaseKind.KYC: "due_at",
    CaseKind.QUOTE: "valid_until",
    CaseKind.ORDER: "pay_by",
    CaseKind.CALLBACK: "planned_at",
    CaseKind.INVOICE: "due_at",
    CaseKind.BOOKING: "starts_at",
}
"""The columns in which a case says until when, or when, something is to happen."""

_NEWEST_FIRST = Order("-created_at", sa.column("created_at", UTC_TIME), sa.column("id", sa.Uuid), descending=True)


async def cases_of(
    session: AsyncSession, caller: Caller, customer_id: UUID, paging: Paging, *, is_open: bool | None
) -> Page[CaseOfCustomerView]:
    """Those that the caller may see, newest first. Raises 422 `cursor_invalid`."""
    rows, cursor = await page_of_parts(session, _parts(caller, customer_id, is_open), _NEWEST_FIRST, paging)
    return Page(items=[CaseOfCustomerView.model_validate(row) for row in rows], next_cursor=cursor)


def _parts(caller: Caller, customer_id: UUID, is_open: bool | None) -> Iterator[sa.Select[Any]]:
    for entry in KINDS.values():
        cases = entry.cases
        if not caller.may(cases.read_all) and caller.customer_id != customer_id:
            continue
        columns = cases.columns
        waits = entry.aggregate.open_rows() & columns.status.in_(list(entry.waits_for))
        query = cases.visible(caller).where(cases.customer == customer_id)
        if is_open is not None:
            query = query.where(waits if is_open else sa.not_(waits))
        yield query.with_only_columns(
            sa.literal(entry.kind.value).label("kind"),
            columns.id,
            columns.number,
            cases.title,
            columns.status.cast(sa.Text).label("status"),
            columns.status_since,
            columns.created_at,
            waits.label("is_open"),
            _column(columns, "total").cast(sa.BigInteger).label("total"),
            _column(columns, "currency").cast(sa.Text).label("currency"),
            _column(columns, MOMENTS.get(entry.kind, "")).cast(UTC_TIME).label("moment"),
        )


def _column(columns: Any, name: str) -> Any:
    return columns[name] if name in columns else sa.null()
