"""Finds by a few letters, in what an index knows, or in what is newest."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.find.schemas import CaseFound, NameFound
from api.http.search import contains
from api.identity.callers import Caller
from api.registry import KINDS
from api.tickets.views import TICKETS
from domain.cases import CaseKind
from domain.people.permissions import Permission
from models.people import CUSTOMER_FOUND, Account, Membership
from models.tickets import TICKET_FOUND

MOST_OF_EACH = 8
NEWEST = 1_000
"""Among so many it is looked first: letters that many have fill the page from them, and need no index."""
LETTERS_OF_AN_INDEX = 3
"""Fewer letters in a row say nothing to an index on letters (pg_trgm): they are looked for among the newest only."""


async def find_cases(session: AsyncSession, caller: Caller, words: str) -> list[CaseFound]:
    """Cases whose numbers begin so, newest number first; then tickets with these words in their subjects."""
    numbered = list(_by_number(caller, words.upper()))
    found: list[CaseFound] = []
    if numbered:
        query = sa.union_all(*numbered).order_by(sa.desc("number")).limit(MOST_OF_EACH)
        found = [CaseFound.model_validate(row) for row in await session.execute(query)]
    if len(found) < MOST_OF_EACH:
        found += await _by_subject(session, caller, words)
    return list({case.id: case for case in found}.values())[:MOST_OF_EACH]


def _by_number(caller: Caller, beginning: str) -> Iterator[sa.Select[Any]]:
    for entry in KINDS.values():
        cases, columns = entry.cases, entry.cases.columns
        if not (caller.may(cases.read_all) or caller.customer_id):
            continue
        query = cases.visible(caller).where(columns.number.startswith(beginning, autoescape=True))
        query = query.with_only_columns(
            sa.literal(entry.kind.value).label("kind"), columns.id, columns.number, cases.title
        )
        newest = query.order_by(columns.number.desc()).limit(MOST_OF_EACH)
        yield sa.select(newest.subquery())


async def _by_subject(session: AsyncSession, caller: Caller, words: str) -> list[CaseFound]:
    if not (caller.may(TICKETS.read_all) or caller.customer_id):
        return []
    table = TICKET_FOUND
    source = (
        sa.select(table)
        if caller.may(TICKETS.read_all)
        else sa.select(table).where(table.c.customer_id == caller.customer_id)
    )
    rows = await _newest_first(session, source, "subject", words)
    return [CaseFound(kind=CaseKind.TICKET, id=row.id, number=row.number, title=row.subject) for row in rows]


async def find_customers(session: AsyncSession, caller: Caller, words: str) -> list[NameFound]:
    """Customers with these letters in their names, newest first."""
    if not caller.may(Permission.CUSTOMERS_READ_ALL):
        return []
    rows = await _newest_first(session, sa.select(CUSTOMER_FOUND), "name", words)
    return [NameFound.model_validate(row) for row in rows]


async def find_people(session: AsyncSession, caller: Caller, words: str) -> list[NameFound]:
    """The tenant's staff, for those who may see it, by name."""
    if not caller.may(Permission.USERS_READ):
        return []
    name: sa.Label[Any] = col(Account.full_name).label("name")
    named = (
        sa.select(col(Account.id), name)
        .join(Membership, col(Membership.account_id) == col(Account.id))
        .where(col(Membership.tenant_id) == caller.tenant_id, col(Membership.customer_id).is_(None))
        .where(contains(Account.full_name, words) | contains(Account.email, words))
        .order_by(col(Account.full_name), col(Account.id))
        .limit(MOST_OF_EACH)
    )
    return [NameFound.model_validate(row) for row in await session.execute(named)]


async def _newest_first(session: AsyncSession, source: sa.Select[Any], column: str, words: str) -> list[Any]:
    """The newest rows with all of these words in a column."""
    parts = words.split()
    newest = _in_order(source, source.selected_columns).limit(NEWEST).subquery()
    query: sa.Select[Any] = sa.select(newest).where(*(contains(newest.c[column], part) for part in parts))
    rows = list(await session.execute(_in_order(query, newest.c).limit(MOST_OF_EACH)))
    if len(rows) == MOST_OF_EACH or max(map(len, parts)) < LETTERS_OF_AN_INDEX:
        return rows
    query = source.where(*(contains(source.selected_columns[column], part) for part in parts))
    # Behind a fence: else it is read in the order of time until enough is found.
    fenced = query.offset(0).subquery()
    return list(await session.execute(_in_order(sa.select(fenced), fenced.c).limit(MOST_OF_EACH)))


def _in_order(query: sa.Select[Any], columns: Any) -> sa.Select[Any]:
    return query.order_by(columns.created_at.desc(), columns.id.desc())
