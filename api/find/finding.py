"""Finds by a few letters, in what an index knows, or in what is newest.

What is looked for in one place does not depend on what another has: all of it goes to the database at once.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from api.cases.reader import Onlooker
from api.find.schemas import CaseFound, FoundView, NameFound
from api.http.search import LETTERS_OF_AN_INDEX, pattern_of
from api.identity.callers import Caller
from api.registry import KINDS
from api.tickets.views import TICKETS
from domain.cases import CaseKind
from domain.people.permissions import Permission
from models.database import Database
from models.people import CUSTOMER_FOUND, Account, Membership
from models.plain import Plain
from models.round_trips import Statement
from models.tickets import TICKET_FOUND

MOST_OF_EACH = 8
NEWEST = 1_000
"""Among so many it is looked first: letters that many have fill the page from them, and need no index."""


async def find(database: Database, caller: Caller, words: str) -> FoundView:
    """What the caller may see of it, at most eight of each: cases whose numbers begin so, newest number first, then
    tickets with these words in their subjects; customers with them in their names, newest first; staff by name."""
    search = _Search(caller, words)
    found = await _found(database, caller, search.at_first())
    found |= await _found(database, caller, search.then(found))
    cases = [CaseFound.model_validate(row) for row in found.get("numbers", ())]
    cases += [
        CaseFound(kind=CaseKind.TICKET, id=row.id, number=row.number, title=row.subject)
        for row in found.get("subjects", ())
    ]
    return FoundView(
        cases=list({case.id: case for case in cases}.values())[:MOST_OF_EACH],
        customers=[NameFound.model_validate(row) for row in found.get("customers", ())],
        people=[NameFound.model_validate(row) for row in found.get("people", ())],
    )


async def _found(database: Database, caller: Caller, asked: dict[str, Statement]) -> dict[str, list[Any]]:
    if not asked:
        return {}
    rows = await database.each_in_one_go(*asked.values(), tenant_id=caller.tenant_id)
    return dict(zip(asked, rows, strict=True))


class _Search:
    """What is asked for somebody's words, by what it is to find."""

    def __init__(self, caller: Caller, words: str) -> None:
        self._words, self._parts = words, words.split()
        self._caller = caller
        self._given = {
            "tenant_id": caller.tenant_id,
            "customer_id": caller.customer_id,
            "beginning": words.upper(),
            "all_words": pattern_of(words),
            "newest": NEWEST,
            **{f"word_{place}": pattern_of(part) for place, part in enumerate(self._parts)},
        }

    def at_first(self) -> dict[str, Statement]:
        """What an index knows, and what is newest."""
        asked = self._by_letters(newest=True)
        if seen := tuple(self._seen()):
            asked["numbers"] = _by_number(seen)
        if self._caller.may(Permission.USERS_READ):
            asked["people"] = _PEOPLE
        return self._filled(asked)

    def then(self, found: Mapping[str, list[Any]]) -> dict[str, Statement]:
        """Where that was not enough, what is older; of fewer letters than an index knows, nothing."""
        if max(map(len, self._parts)) < LETTERS_OF_AN_INDEX:
            return {}
        there = {name: len(rows) for name, rows in found.items()}
        there["subjects"] = max(there.get("subjects", 0), there.get("numbers", 0))
        asked = self._by_letters(newest=False)
        return self._filled({name: plain for name, plain in asked.items() if there[name] < MOST_OF_EACH})

    def _by_letters(self, *, newest: bool) -> dict[str, Plain]:
        asked, caller, many = {}, self._caller, len(self._parts)
        if caller.may(TICKETS.read_all) or caller.customer_id:
            own = not caller.may(TICKETS.read_all)
            asked["subjects"] = _by_letters(TICKET_FOUND, "subject", many, own=own, newest=newest)
        if caller.may(Permission.CUSTOMERS_READ_ALL):
            asked["customers"] = _by_letters(CUSTOMER_FOUND, "name", many, own=False, newest=newest)
        return asked

    def _seen(self) -> Iterator[tuple[CaseKind, bool]]:
        for entry in KINDS.values():
            reads_all = self._caller.may(entry.cases.read_all)
            if reads_all or self._caller.customer_id:
                yield entry.kind, reads_all

    def _filled(self, asked: Mapping[str, Plain]) -> dict[str, Statement]:
        return {name: plain(**self._given) for name, plain in asked.items()}


@lru_cache
def _by_number(seen: tuple[tuple[CaseKind, bool], ...]) -> Plain:
    """Cases of these kinds, of which one sees all or those of one's own customer."""
    parts = []
    for kind, reads_all in seen:
        cases, columns = KINDS[kind].cases, KINDS[kind].cases.columns
        # Not LIKE: row-level security lets that use no index, and every number would be looked at.
        begins = sa.func.starts_with(columns.number, sa.bindparam("beginning", type_=sa.Text))
        query = cases.seen_by(Onlooker(reads_all)).where(begins)
        query = query.with_only_columns(
            sa.literal_column(f"'{kind}'").label("kind"), columns.id, columns.number, cases.title
        )
        parts.append(sa.select(query.order_by(columns.number.desc()).limit(MOST_OF_EACH).subquery()))
    return Plain(sa.union_all(*parts).order_by(sa.desc("number")).limit(MOST_OF_EACH))


@lru_cache
def _by_letters(table: sa.TableClause, column: str, words: int, *, own: bool, newest: bool) -> Plain:
    """The newest rows with all of so many words in a column; all there are, or of the `newest` only."""
    source = sa.select(table)
    if own:
        source = source.where(table.c.customer_id == sa.bindparam("customer_id", type_=sa.Uuid))
    if newest:
        rows = _in_order(source, table.c).limit(sa.bindparam("newest", type_=sa.Integer)).subquery()
        query = sa.select(rows).where(*_has(rows.c[column], words))
    else:
        # Behind a fence: else it is read in the order of time until enough is found.
        rows = source.where(*_has(table.c[column], words)).offset(0).subquery()
        query = sa.select(rows)
    return Plain(_in_order(query, rows.c).limit(MOST_OF_EACH))


def _has(column: Any, words: int) -> Iterator[sa.ColumnElement[bool]]:
    return (column.ilike(sa.bindparam(f"word_{place}", type_=sa.Text)) for place in range(words))


def _in_order(query: sa.Select[Any], columns: Any) -> sa.Select[Any]:
    return query.order_by(columns.created_at.desc(), columns.id.desc())


_WORDS = sa.bindparam("all_words", type_=sa.Text)
_PEOPLE = Plain(
    sa.select(col(Account.id), col(Account.full_name).label("name"))
    .join(Membership, col(Membership.account_id) == col(Account.id))
    .where(col(Membership.tenant_id) == sa.bindparam("tenant_id"), col(Membership.customer_id).is_(None))
    .where(col(Account.full_name).ilike(_WORDS) | col(Account.email).ilike(_WORDS))
    .order_by(col(Account.full_name), col(Account.id))
    .limit(MOST_OF_EACH)
)
"""The tenant's staff, by name."""
