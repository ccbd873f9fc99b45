"""Lists of tickets as the addresses of their pages narrow and sort them, and how many tickets are in each."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal
from urllib.parse import parse_qs, parse_qsl, urlencode
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlmodel import col

from api.cases.names import find_names
from api.http.paging import COUNTED_TO, counted
from api.http.search import LETTERS_OF_AN_INDEX
from api.identity.callers import Caller
from api.tickets.filters import TicketFilters, Words, has_words
from domain.tickets.rules import TicketPriority, TicketStatus
from models.database import Database
from models.tickets import TICKET_FOUND, Ticket

NOT_CLOSED: list[TicketStatus] = [status for status in TicketStatus if status is not TicketStatus.CLOSED]


@dataclass(frozen=True)
class TicketList:
    """What an address says of a list. `mine` are those in the hands of who looks."""

    status: list[TicketStatus] | None = None
    priority: list[TicketPriority] | None = None
    assignee_id: UUID | None = None
    group_id: UUID | None = None
    unassigned: bool | None = None
    mine: bool = False
    breached: bool | None = None
    q: Words | None = None
    sort: Literal["-created_at", "created_at", "due_at", "-updated_at"] = "-created_at"

    @classmethod
    def at(cls, query: str) -> "TicketList":
        """The list at an address with this query; what else that says, or leaves open, is passed over. Raises
        pydantic's ValidationError for a value that there is not."""
        said = {name: values for name, values in parse_qs(query).items() if name in NARROWED_BY}
        return _LIST.validate_python(
            {name: values if name in _OF_SEVERAL else values[-1] for name, values in said.items()}
        )

    def filters(self, caller: Caller) -> TicketFilters:
        """What it is narrowed and sorted by for somebody. Closed tickets are in it only where states or words are
        named."""
        return TicketFilters(
            status=self.status or (None if self.q else NOT_CLOSED),
            priority=self.priority,
            assignee_id=caller.account_id if self.mine else self.assignee_id,
            group_id=self.group_id,
            unassigned=self.unassigned,
            breached=self.breached,
            q=self.q,
            sort=self.sort,
        )


_LIST = TypeAdapter(TicketList)
_OF_SEVERAL = ("status", "priority")
NARROWED_BY = frozenset(field.name for field in fields(TicketList))
"""The names by which an address narrows and sorts a list."""

Said = Sequence[tuple[str, str]]
"""Names with values, as an address says them."""


def parted(query: str) -> tuple[Said, Said]:
    """What a query narrows and sorts by: what can be, and what says a value that there is not."""
    right: list[tuple[str, str]] = []
    wrong: list[tuple[str, str]] = []
    for pair in parse_qsl(query):
        if pair[0] in NARROWED_BY:
            (right if _at(urlencode([pair])) else wrong).append(pair)
    return right, wrong


@dataclass(frozen=True)
class ListCount:
    """How many tickets somebody sees in a list, counted to 10,000. A list is `stale` where it names what is gone; one
    that names what there cannot be has no `total`."""

    total: int | None
    stale: bool


async def count_lists(database: Database, caller: Caller, queries: Sequence[str]) -> list[ListCount]:
    """How many tickets the caller sees in the list of each query, by one statement; another looks whether the people
    and groups that they name are there."""
    lists = [_at(query) for query in queries]
    known = [each for each in lists if each]
    totals = iter(await _totals(database, caller, [each.filters(caller) for each in known]))
    names = await find_names(
        database,
        caller.tenant_id,
        people=[each.assignee_id for each in known],
        groups=[each.group_id for each in known],
    )
    there = {None, *names.people, *names.groups}
    return [
        ListCount(next(totals), stale=not {each.assignee_id, each.group_id} <= there) if each else ListCount(None, True)
        for each in lists
    ]


def _at(query: str) -> TicketList | None:
    try:
        return TicketList.at(query)
    except ValidationError:
        return None


async def _totals(database: Database, caller: Caller, wanted: Sequence[TicketFilters]) -> Sequence[int]:
    if not wanted:
        return []
    async with database.glance(caller.tenant_id) as session:
        return (await session.execute(sa.select(*(_count(each, caller) for each in wanted)))).one()


def _count(wanted: TicketFilters, caller: Caller) -> sa.ColumnElement[int]:
    query = wanted.of(caller)
    if not wanted.q or len(wanted.q) < LETTERS_OF_AN_INDEX:
        return counted(query)
    # Words that few tickets have are looked up by their letters: row-level security lets the list itself use no such
    # index, and it would look at every ticket.
    having = sa.select(TICKET_FOUND.c.id).where(has_words(TICKET_FOUND.c, wanted.q))
    # As one value, so that no plan can ask for them once for every ticket.
    ids = sa.func.array(having.limit(COUNTED_TO).scalar_subquery())
    return sa.case(
        (counted(having) < COUNTED_TO, counted(query.where(col(Ticket.id) == sa.any_(ids)))), else_=counted(query)
    )
