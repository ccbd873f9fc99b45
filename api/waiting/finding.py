"""Finds the open cases of all kinds in the order in which they have come to wait.

A case that waits for nobody's task waits since its status is what it is, and for whom that status says. One of which
tasks are pending waits since the first of them was opened, for its role. So each kind is one part of a union, and the
tasks are another: each part is read in its order by an index, and no further than the page is long.
"""

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.kinds import Kind
from api.http.paging import COUNTED_TO, Order, Paging, place_in_parts, query_of_parts, rows_of_parts
from api.http.payloads import CaseOfStoryView
from api.identity.callers import Caller
from api.registry import KINDS
from api.waiting.schemas import TaskOfWaitingView, WaitingView
from domain.cases import CaseKind, Party, workflow_id
from domain.tasks.rules import TaskStatus
from models.base import UTC_TIME
from models.plain import Plain
from models.round_trips import run
from models.tasks import TaskRow

_OLDEST_FIRST = Order("since", sa.column("since", UTC_TIME), sa.column("id", sa.Uuid), descending=False)
_TASK: sa.Table = TaskRow.__table__  # type: ignore[attr-defined]
_TENANT = sa.bindparam("tenant_id", type_=sa.Uuid)

Kinds = tuple[CaseKind, ...]
Parties = tuple[Party, ...]


class Waiting:
    """The cases that wait for one of the `parties`, of those `kinds` of which the caller sees all."""

    def __init__(self, caller: Caller, parties: Collection[Party], kinds: Collection[CaseKind]) -> None:
        self._tenant_id = caller.tenant_id
        self._kinds = tuple(kind for kind in KINDS if kind in kinds and caller.may(KINDS[kind].cases.read_all))
        self._parties = tuple(party for party in Party if party in parties)

    async def page(self, session: AsyncSession, paging: Paging) -> tuple[list[WaitingView], str | None]:
        """One page of them, with the cursor of the next. Raises 422 `cursor_invalid`."""
        asked = _page(self._kinds, self._parties, further=bool(paging.cursor))
        if asked is None:
            return [], None
        found = await run(session, asked(tenant_id=self._tenant_id, **place_in_parts(_OLDEST_FIRST, paging)))
        rows, cursor = rows_of_parts(found, _OLDEST_FIRST, paging)
        return [_view(row) for row in rows], cursor

    async def count(self, session: AsyncSession) -> int:
        """How many there are, counted to 10,000."""
        asked = _count(self._kinds, self._parties)
        return (await run(session, asked(tenant_id=self._tenant_id)))[0].count if asked else 0


# Kept: to put these together takes longer than to carry them out.
@lru_cache
def _page(kinds: Kinds, parties: Parties, *, further: bool) -> Plain | None:
    parts = list(_parts(kinds, parties))
    return Plain(query_of_parts(parts, _OLDEST_FIRST, further=further)) if parts else None


@lru_cache
def _count(kinds: Kinds, parties: Parties) -> Plain | None:
    parts = [sa.select(part.limit(COUNTED_TO).subquery()) for part in _parts(kinds, parties)]
    if not parts:
        return None
    some = sa.union_all(*parts).limit(COUNTED_TO).subquery()
    return Plain(sa.select(sa.func.count().label("count")).select_from(some))


def _parts(kinds: Kinds, parties: Parties) -> Iterator[sa.Select[Any]]:
    for kind in kinds:
        if statuses := [each for each, party in KINDS[kind].waits_for.items() if party in parties]:
            yield _without_task(KINDS[kind], statuses)
    if Party.ROLE in parties and kinds:
        yield _with_task(kinds)


def _without_task(entry: Kind, statuses: Collection[str]) -> sa.Select[Any]:
    case = entry.cases.columns
    # Not NOT EXISTS: of that Postgres expects that hardly a case is left, and would read them all.
    asked = sa.select(_TASK.c.case_id).where(
        _TASK.c.tenant_id == _TENANT,
        _TASK.c.case_kind == entry.kind,
        _TASK.c.status == TaskStatus.PENDING,
    )
    nothing = (sa.null().cast(each.type).label(each.name) for each in _OF_THE_TASK)
    return sa.select(
        sa.literal_column(f"'{entry.kind}'").label("case_kind"),
        case.id,
        case.number,
        entry.cases.customer.label("customer_id"),
        case.status.cast(sa.Text).label("status"),
        case.status_since.label("since"),
        *nothing,
    ).where(
        case.tenant_id == _TENANT,
        case.version > 0,
        entry.aggregate.open_rows(),
        case.status.in_(statuses),
        case.id.not_in(asked),
    )


def _with_task(kinds: Kinds) -> sa.Select[Any]:
    task, other = _TASK.c, _TASK.alias()
    earlier = sa.exists().where(
        other.c.tenant_id == _TENANT,
        other.c.case_id == task.case_id,
        other.c.status == TaskStatus.PENDING,
        sa.tuple_(other.c.opened_at, other.c.id) < sa.tuple_(task.opened_at, task.id),
    )
    return sa.select(
        task.case_kind.cast(sa.Text).label("case_kind"),
        task.case_id.label("id"),
        task.case_number.label("number"),
        task.customer_id,
        sa.null().cast(sa.Text).label("status"),
        task.opened_at.label("since"),
        *_OF_THE_TASK,
    ).where(
        task.tenant_id == _TENANT,
        task.status == TaskStatus.PENDING,
        task.case_kind.in_(kinds),
        ~earlier,
    )


_OF_THE_TASK = (
    _TASK.c.id.label("task_id"),
    _TASK.c.kind.cast(sa.Text).label("task_kind"),
    _TASK.c.role.label("role"),
    _TASK.c.due_at.label("due_at"),
)


def _view(row: Any) -> WaitingView:
    kind, task = CaseKind(row.case_kind), None
    if row.task_id:
        task = TaskOfWaitingView(id=row.task_id, kind=row.task_kind, role=row.role, due_at=row.due_at)
    return WaitingView(
        case=CaseOfStoryView(kind=kind, id=row.id, number=row.number),
        customer_id=row.customer_id,
        party=Party.ROLE if task else KINDS[kind].waits_for[row.status],
        since=row.since,
        task=task,
        workflow_id=workflow_id(kind, row.id),
    )
