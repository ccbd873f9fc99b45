"""The story of a customer: what happened in all of its cases, in the order in which one thing led to another."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.cases.live import News
from api.http.paging import Paging, order_of, page
from api.http.payloads import CaseOfStoryView, Page, StoryView
from api.identity.callers import Caller
from api.registry import KINDS
from domain.cases import CaseKind
from models.cases import EventRow


async def story_of(
    session: AsyncSession, caller: Caller, customer_id: UUID, paging: Paging, sort: str = "place"
) -> Page[StoryView]:
    """What the caller may know of it, oldest first, or newest by `-place`; a customer that the caller
    cannot see has no story here."""
    told = (
        (col(EventRow.case_kind) == kind) & entry.cases.told(caller)
        for kind, entry in KINDS.items()
        if caller.may(entry.cases.read_all) or caller.customer_id == customer_id
    )
    query = sa.select(EventRow).where(
        col(EventRow.tenant_id) == caller.tenant_id,
        col(EventRow.customer_id) == customer_id,
        sa.or_(sa.false(), *told),
    )
    order = order_of(sort, {"place": EventRow.place}, EventRow.id)
    rows, cursor, total = await page(session, query, order, paging)
    numbers = await numbers_of(session, {(row.case_kind, row.case_id) for row in rows})
    return Page(items=[_told(caller, row, numbers) for row in rows], next_cursor=cursor, total=total)


def may_hear(caller: Caller, news: News) -> bool:
    """Whether the caller may be told that this has happened."""
    cases = KINDS[news.kind].cases
    let_in = news.tenant_id == caller.tenant_id and not caller.tenant_suspended
    return let_in and cases.tells(caller, news.customer_id, news.event)


def _told(caller: Caller, row: EventRow, numbers: dict[UUID, str]) -> StoryView:
    case = CaseOfStoryView(kind=row.case_kind, id=row.case_id, number=numbers.get(row.case_id, ""))
    return StoryView(**dict(KINDS[row.case_kind].cases.as_told(caller, row)), case=case)


async def numbers_of(session: AsyncSession, cases: Iterable[tuple[CaseKind, UUID]]) -> dict[UUID, str]:
    """The numbers of cases, by their ids; what has none yet is not in it."""
    by_kind: defaultdict[CaseKind, set[UUID]] = defaultdict(set)
    for kind, case_id in cases:
        by_kind[kind].add(case_id)
    parts = []
    for kind, ids in by_kind.items():
        columns = KINDS[kind].cases.columns
        parts.append(sa.select(columns.id, columns.number).where(columns.id.in_(ids), columns.number.is_not(None)))
    if not parts:
        return {}
    return {row.id: row.number for row in await session.execute(sa.union_all(*parts))}
