"""How cases of a kind are read, the same for all kinds: who may see which, one of them, and its timeline."""

from collections.abc import Callable, Collection
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from fastapi import Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.paging import Paging, order_of, page
from api.http.payloads import ActorView, EventView, Page
from api.http.problems import not_found
from api.identity.callers import Caller
from domain.cases import CaseKind
from domain.people.permissions import Permission
from models.base import TenantRow
from models.cases import EventRow

M = TypeVar("M", bound=TenantRow)


class Cases(Generic[M]):
    """Reads the cases of one kind. `noun` is what a 404 calls one. A caller without the permission `read_all` sees only
    the cases of its own customer (named by the column `customer`), in their timelines only events of the kinds `shown`,
    and of those events what `redact` leaves."""

    def __init__(
        self,
        kind: CaseKind,
        model: type[M],
        noun: str,
        *,
        read_all: Permission,
        shown: Collection[str],
        redact: Callable[[EventView], None] | None = None,
        narrowed: Callable[[sa.Select[M], Caller], sa.Select[M]] | None = None,
        customer: str = "customer_id",
    ) -> None:
        self.kind, self.model, self.noun, self.read_all = kind, model, noun, read_all
        self._shown, self._redact, self._narrowed = shown, redact, narrowed
        self._table: sa.Table = model.__table__  # type: ignore[attr-defined]
        self._customer = self._table.c[customer]

    def visible(self, caller: Caller) -> sa.Select[M]:
        """The cases that the caller may see: the tenant's, or those of its own customer."""
        columns = self._table.c
        query = sa.select(self.model).where(columns.tenant_id == caller.tenant_id, columns.version > 0)
        if not caller.may(self.read_all):
            query = query.where(self._customer == caller.customer_id)
        return self._narrowed(query, caller) if self._narrowed else query

    def one(self, caller: Caller, case_id: UUID) -> sa.Select[M]:
        """The case, if the caller may see it."""
        return self.visible(caller).where(self._table.c.id == case_id)

    async def find(self, session: AsyncSession, caller: Caller, case_id: UUID) -> M:
        """The case, as the caller may see it. Raises 404."""
        found: M | None = await session.scalar(self.one(caller, case_id))
        if found is None:
            raise not_found(self.noun)
        return found

    async def timeline(self, session: AsyncSession, caller: Caller, case_id: UUID, paging: Paging) -> Page[EventView]:
        """What happened to the case, oldest first, as the caller may see it. Raises 404."""
        await self.find(session, caller, case_id)
        return await self.events(session, caller, case_id, paging)

    async def events(self, session: AsyncSession, caller: Caller, case_id: UUID, paging: Paging) -> Page[EventView]:
        """As `timeline`, for a case that the caller is already known to be allowed to see."""
        query = sa.select(EventRow).where(col(EventRow.tenant_id) == caller.tenant_id, col(EventRow.case_id) == case_id)
        for_customer = not caller.may(self.read_all)
        if for_customer:
            query = query.where(col(EventRow.kind).in_(self._shown))
        order = order_of("version", {"version": EventRow.version}, EventRow.id)
        rows, cursor, total = await page(session, query, order, paging)
        views = [_event(row) for row in rows]
        if for_customer and self._redact:
            for view in views:
                self._redact(view)
        return Page(items=views, next_cursor=cursor, total=total)


def answer(view: BaseModel) -> Response:
    """A case as it is read, with its version as ETag."""
    return Response(view.model_dump_json(), media_type="application/json", headers=etag(view))


def etag(view: BaseModel) -> dict[str, str]:
    """The header that says which version of a case a view shows; nothing for what has none."""
    version: Any = getattr(view, "version", None)
    return {"ETag": f'"{version}"'} if version is not None else {}


def _event(row: EventRow) -> EventView:
    return EventView(
        version=row.version,
        kind=row.kind,
        actor=ActorView(kind=row.actor_kind, id=row.actor_id),
        at=row.at,
        changes=row.changes,
        reason=row.reason,
        correlation_id=row.correlation_id,
    )
