"""A customer's cases of all kinds, as one list."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.kinds import Kind
from api.cases.reader import Onlooker
from api.customers.schemas import CaseOfCustomerView
from api.http.paging import Order, Paging, place_in_parts, query_of_parts, rows_of_parts
from api.http.payloads import Page
from api.identity.callers import Caller
from api.registry import KINDS
from domain.cases import CaseKind
from models.base import UTC_TIME
from models.plain import Plain
from models.round_trips import run

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
    seen = tuple(_seen(caller, customer_id))
    if not seen:
        return Page(items=[], next_cursor=None)
    asked = _cases(seen, is_open=is_open, further=bool(paging.cursor))
    place = place_in_parts(_NEWEST_FIRST, paging)
    found = await run(session, asked(tenant_id=caller.tenant_id, customer_id=customer_id, **place))
    rows, cursor = rows_of_parts(found, _NEWEST_FIRST, paging)
    return Page(items=[CaseOfCustomerView.model_validate(row) for row in rows], next_cursor=cursor)


def _seen(caller: Caller, customer_id: UUID) -> Iterator[tuple[CaseKind, bool]]:
    """The kinds of which the caller sees the customer's cases, and whether all of them."""
    for entry in KINDS.values():
        reads_all = caller.may(entry.cases.read_all)
        if reads_all or caller.customer_id == customer_id:
            yield entry.kind, reads_all


# Kept: to put it together takes longer than to carry it out.
@lru_cache
def _cases(seen: tuple[tuple[CaseKind, bool], ...], *, is_open: bool | None, further: bool) -> Plain:
    parts = (_part(KINDS[kind], Onlooker(reads_all), is_open) for kind, reads_all in seen)
    return Plain(query_of_parts(parts, _NEWEST_FIRST, further=further))


def _part(entry: Kind, onlooker: Onlooker, is_open: bool | None) -> sa.Select[Any]:
    cases, columns = entry.cases, entry.cases.columns
    waits = entry.aggregate.open_rows() & columns.status.in_(list(entry.waits_for))
    query = cases.seen_by(onlooker).where(cases.customer == onlooker.customer_id)
    if is_open is not None:
        query = query.where(waits if is_open else sa.not_(waits))
    return query.with_only_columns(
        sa.literal_column(f"'{entry.kind}'").label("kind"),
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
