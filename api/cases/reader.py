"""How cases of a kind are read, the same for all kinds: who may see which, one of them, and its timeline."""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
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
from api.http.route_names import API_PREFIX
from api.identity.callers import Caller
from domain.cases import CaseKind, CommandStatus
from domain.people.permissions import Permission
from models.base import CaseRow
from models.cases import CommandRow, EventRow
from models.database import Database
from models.plain import Plain

M = TypeVar("M", bound=CaseRow)
T = TypeVar("T")

Views = Callable[[AsyncSession, Caller, Sequence[Any]], Awaitable[Sequence[BaseModel]]]
"""What rows are read as."""


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")

_TITLES = ("subject", "topic")


class RowsAs:
    """Rows that are read as they are, less what the view leaves out: one statement finds all of it."""

    def __init__(self, view: type[BaseModel]) -> None:
        self._view = view

    def of(self, row: Any) -> BaseModel:
        """What a row is read as, also one from past the ORM."""
        return self._view.model_validate(row)

    async def __call__(self, session: AsyncSession, caller: Caller, rows: Sequence[Any]) -> Sequence[BaseModel]:  # noqa: ARG002
        return [self.of(row) for row in rows]


@dataclass(frozen=True)
class Onlooker:
    """Who looks at cases of a kind: somebody who reads all of the tenant's, or those of one customer. In a statement
    that is made once, the ids are parameters of it."""

    reads_all: bool
    tenant_id: Any = field(default_factory=lambda: sa.bindparam("tenant_id"))
    customer_id: Any = field(default_factory=lambda: sa.bindparam("customer_id"))

    @property
    def parameters(self) -> dict[str, Any]:
        """The ids as parameters of such a statement."""
        return {"tenant_id": self.tenant_id, "customer_id": self.customer_id}


class Cases(Generic[M]):
    """The cases of one kind. `noun` is what a 404 calls one, where that is not its kind's name. Who may not `read_all`
    sees those of its own customer, of their timelines the `shown` kinds of events, and of these what `redact` leaves;
    `customer` is the column that names it. `views` are what rows are read as; `as_rows` are those for which nothing
    else is read. `at` is the path at which one is read."""

    def __init__(
        self,
        kind: CaseKind,
        model: type[M],
        *,
        at: str,
        read_all: Permission,
        shown: Collection[str],
        views: Views,
        redact: Callable[[EventView], None] | None = None,
        narrowed: Callable[[sa.Select[M], Onlooker], sa.Select[M]] | None = None,
        customer: str = "customer_id",
        noun: str | None = None,
    ) -> None:
        self.kind, self.model, self.read_all = kind, model, read_all
        self.noun = noun or kind.replace("_", " ")
        self._at = at
        self.views, self.as_rows = views, views if isinstance(views, RowsAs) else None
        self._shown, self._redact, self._narrowed = shown, redact, narrowed
        self.columns = model.__table__.c  # type: ignore[attr-defined]
        self.customer = self.columns[customer]
        this_case = self.columns.id == sa.bindparam("case_id")
        self._one = {each: Plain(self.seen_by(Onlooker(each)).where(this_case)) for each in (True, False)}

    def address(self, case_id: UUID | str) -> str:
        """The path at which a case is read."""
        return f"{API_PREFIX}{self._at.format(case_id)}"

    @property
    def title(self) -> Any:
        """The column in which people say what a case is about, as text; NULL for kinds that have none."""
        title = next((self.columns[name] for name in _TITLES if name in self.columns), sa.null())
        return title.cast(sa.Text).label("title")

    def onlooker(self, caller: Caller) -> Onlooker:
        """Whose cases the caller sees."""
        return Onlooker(caller.may(self.read_all), caller.tenant_id, caller.customer_id)

    def visible(self, caller: Caller) -> sa.Select[M]:
        """The cases that the caller may see: the tenant's, or those of its own customer."""
        return self.seen_by(self.onlooker(caller))

    def asked_of(self, onlooker: Onlooker, case_id: Any) -> sa.Select[M]:
        """The case, if the onlooker may ask something of it: one that may be seen, or whose opening is still
        pending."""
        opening = sa.exists().where(
            col(CommandRow.tenant_id) == onlooker.tenant_id,
            col(CommandRow.case_id) == case_id,
            col(CommandRow.status) == CommandStatus.PENDING,
        )
        alive = (self.columns.version > 0) | opening
        return self._known_to(onlooker).where(self.columns.id == case_id, alive)

    def seen_by(self, onlooker: Onlooker) -> sa.Select[M]:
        """As `visible`, also for a statement that is made once."""
        return self._known_to(onlooker).where(self.columns.version > 0)

    def _known_to(self, onlooker: Onlooker) -> sa.Select[M]:
        query = sa.select(self.model).where(self.columns.tenant_id == onlooker.tenant_id)
        if not onlooker.reads_all:
            query = query.where(self.customer == onlooker.customer_id)
        return self._narrowed(query, onlooker) if self._narrowed else query

    async def find(self, session: AsyncSession, caller: Caller, case_id: UUID) -> M:
        """The case, as the caller may see it. Raises 404."""
        return self._found(await session.scalar(self.visible(caller).where(self.columns.id == case_id)))

    async def find_asked(self, session: AsyncSession, caller: Caller, case_id: UUID) -> M:
        """The case that the caller asks something of, as `asked_of`. Raises 404."""
        return self._found(await session.scalar(self.asked_of(self.onlooker(caller), case_id)))

    def _found(self, case: T | None) -> T:
        if case is None:
            raise not_found(self.noun)
        return case

    async def read(self, database: Database, caller: Caller, case_id: UUID) -> BaseModel:
        """The case, as the caller may read it. Raises 404."""
        if self.as_rows:
            onlooker = self.onlooker(caller)
            query = self._one[onlooker.reads_all](case_id=case_id, **onlooker.parameters)
            return self.as_rows.of(self._found(await database.look_up(query, tenant_id=caller.tenant_id)))
        async with database.transaction(caller.tenant_id) as session:
            return (await self.views(session, caller, [await self.find(session, caller, case_id)]))[0]

    async def timeline(self, database: Database, caller: Caller, case_id: UUID, paging: Paging) -> Page[EventView]:
        """What happened to the case, oldest first, as the caller may see it. Raises 404."""
        async with database.transaction(caller.tenant_id) as session:
            await self.find(session, caller, case_id)
            return await self.events(session, caller, case_id, paging)

    async def events(self, session: AsyncSession, caller: Caller, case_id: UUID, paging: Paging) -> Page[EventView]:
        """As `timeline`, of a case that the caller is known to see."""
        query = sa.select(EventRow).where(col(EventRow.tenant_id) == caller.tenant_id, col(EventRow.case_id) == case_id)
        order = order_of("version", {"version": EventRow.version}, EventRow.id)
        rows, cursor, total = await page(session, query.where(self.told(caller)), order, paging)
        return Page(items=[self.as_told(caller, row) for row in rows], next_cursor=cursor, total=total)

    def told(self, caller: Caller) -> sa.ColumnElement[bool]:
        """Which events of a case that the caller sees the caller is told."""
        return sa.true() if caller.may(self.read_all) else col(EventRow.kind).in_(self._shown)

    def tells(self, caller: Caller, customer_id: UUID | None, event: str) -> bool:
        """Whether the caller is told of an event of that kind in a case of that customer."""
        if caller.may(self.read_all):
            return True
        return customer_id is not None and customer_id == caller.customer_id and event in self._shown

    def as_told(self, caller: Caller, row: EventRow) -> EventView:
        """An event as the caller is told it."""
        view = _event(row)
        if not caller.may(self.read_all):
            # Whose task it was is the staff's affair.
            view.changes.pop("tasks", None)
            if self._redact:
                self._redact(view)
        return view


def answer(view: BaseModel, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    """A case as it is read, with its version as ETag."""
    headers = {**etag(view), **(headers or {})}
    return Response(view.model_dump_json(), status, headers, media_type="application/json")


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
        changes=_in_utc(row.changes),
        reason=row.reason,
        correlation_id=row.correlation_id,
    )


def _in_utc(told: Any) -> Any:
    """What an event tells, with its times as all others are written (`Z`)."""
    match told:
        case dict():
            return {name: _in_utc(value) for name, value in told.items()}
        case list():
            return [_in_utc(value) for value in told]
        case str() if _MOMENT.fullmatch(told):
            return told.removesuffix("+00:00") + "Z"
    return told
