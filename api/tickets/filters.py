"""What a list of tickets is narrowed and sorted by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Query
from sqlmodel import col

from api.http.paging import Order, order_of, sorts_by
from api.http.payloads import UtcTime
from api.http.problems import field_error
from api.http.search import contains
from api.identity.callers import Caller
from api.tickets.views import TICKETS
from domain.tickets.rules import TicketPriority, TicketStatus
from models.tickets import Ticket

_SORTABLE = ("created_at", "updated_at", "number", "due_at")

Words = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True)
class TicketFilters:
    """The filters and the order that a request asks for, as a dependency."""

    status: Annotated[list[TicketStatus] | None, Query()] = None
    priority: Annotated[list[TicketPriority] | None, Query()] = None
    assignee_id: UUID | None = None
    group_id: UUID | None = None
    customer_id: UUID | None = None
    breached: bool | None = None
    q: Words | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    unassigned: Annotated[bool | None, Query(description="Only those in nobody's hands, or in somebody's.")] = None
    due_before: Annotated[UtcTime | None, Query(description="Only those of which something is due before.")] = None
    updated_since: Annotated[UtcTime | None, Query(description="Only those that changed then or later.")] = None
    sort: Annotated[str, sorts_by(*_SORTABLE, otherwise="By `due_at` only what is due is listed.")] = "-created_at"

    @property
    def order(self) -> Order:
        """The order. Raises 422 `sort_unknown`."""
        return order_of(self.sort, {name: getattr(Ticket, name) for name in _SORTABLE}, Ticket.id)

    def of(self, caller: Caller) -> sa.Select[Ticket]:
        """Those of the tickets that the caller may see. Raises 422 `timezone_missing` and `sort_unknown`."""
        query = TICKETS.visible(caller)
        if self.status:
            query = query.where(col(Ticket.status).in_(self.status))
        if self.priority:
            query = query.where(col(Ticket.priority).in_(self.priority))
        if self.assignee_id:
            query = query.where(col(Ticket.assignee_id) == self.assignee_id)
        if self.group_id:
            query = query.where(col(Ticket.group_id) == self.group_id)
        if self.customer_id:
            query = query.where(col(Ticket.customer_id) == self.customer_id)
        if self.breached is not None:
            never = col(Ticket.first_response_breached_at).is_(None) & col(Ticket.resolution_breached_at).is_(None)
            query = query.where(sa.not_(never) if self.breached else never)
        if self.q:
            query = query.where(has_words(Ticket, self.q))
        if self.created_from:
            query = query.where(col(Ticket.created_at) >= _aware("created_from", self.created_from))
        if self.created_to:
            query = query.where(col(Ticket.created_at) < _aware("created_to", self.created_to))
        if self.unassigned is not None:
            nobody = col(Ticket.assignee_id).is_(None)
            query = query.where(nobody if self.unassigned else sa.not_(nobody))
        if self.due_before:
            query = query.where(col(Ticket.due_at) < self.due_before)
        if self.updated_since:
            query = query.where(col(Ticket.updated_at) >= self.updated_since)
        if self.order.column is Ticket.due_at:
            query = query.where(col(Ticket.due_at).is_not(None))
        return query


def has_words(columns: Any, words: str) -> sa.ColumnElement[bool]:
    """Whether a ticket's number begins so, or its subject has these words in it."""
    begins: sa.ColumnElement[bool] = sa.func.starts_with(columns.number, words.upper())
    return begins | contains(columns.subject, words)


def _aware(field: str, moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise field_error(field, "timezone_missing", "Give the time with its zone, as 2026-11-20T08:00:00Z.")
    return moment
