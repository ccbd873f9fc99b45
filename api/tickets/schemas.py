"""What goes in and out of the ticket routes."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.files.schemas import AttachedFileView, FileIds
from api.http.payloads import LongText, Payload, Reason, Subject, View
from domain.tickets.rules import TicketPriority, TicketStatus
from domain.tickets.sla.clock import ClockState
from domain.tickets.sla.policy import ClockKind


class OpenTicketBody(Payload):
    subject: Subject
    body: LongText
    priority: TicketPriority = TicketPriority.MEDIUM
    category_id: UUID | None = None
    file_ids: FileIds = []
    customer_id: Annotated[UUID | None, Field(description="For whom; staff only, a client opens for itself.")] = None


class EditTicketBody(Payload):
    subject: Subject | None = None
    category_id: UUID | None = None


class MessageBody(Payload):
    body: LongText
    internal: bool = False
    status: Annotated[TicketStatus | None, Field(description="The state that a reply of staff leaves it in.")] = None
    file_ids: FileIds = []


class StatusBody(Payload):
    status: TicketStatus
    reason: Reason | None = None


class AssignBody(Payload):
    assignee_id: UUID | None


class TransferBody(Payload):
    group_id: UUID | None


class PriorityBody(Payload):
    priority: TicketPriority


class TicketPart(StrEnum):
    """What a ticket is read with when it is asked for."""

    BODY = "body"
    PARTICIPANTS = "participants"


class TicketView(View):
    """A ticket; all times are UTC."""

    id: UUID
    number: str
    subject: str
    status: TicketStatus
    priority: TicketPriority
    customer_id: UUID
    requester_id: UUID
    assignee_id: UUID | None
    group_id: UUID | None
    category_id: UUID | None
    due_at: Annotated[datetime | None, Field(description="When the next thing that was promised is due, UTC.")]
    first_response_due_at: datetime | None
    resolution_due_at: datetime | None
    first_responded_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    first_response_breached_at: datetime | None
    resolution_breached_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime
    body: Annotated[str | None, Field(description="What it was opened with, where `include=body` asks for it.")] = None
    participants: Annotated[
        list[str] | None,
        Field(
            description="To which addresses from outside a public answer goes too, where `include=participants` asks "
            "for it; for staff."
        ),
    ] = None


class MessageView(View):
    id: UUID
    ticket_id: UUID
    author_id: UUID
    from_customer: bool
    internal: bool
    body: str
    posted_at: datetime
    files: list[AttachedFileView]


class SegmentView(View):
    """A stretch in which a clock ran."""

    from_: Annotated[datetime, Field(serialization_alias="from", validation_alias="from")]
    to: datetime
    counted_minutes: int
    why: str


class OpenHoursView(View):
    """An opening time, as far as it lies between the beginning of a clock and its end."""

    from_: Annotated[datetime, Field(serialization_alias="from", validation_alias="from")]
    to: datetime


class SayingView(View):
    """What a clock's sentence says, for who words it in another language: a code, its values, and for a whole sentence
    the parts of its reason."""

    code: str
    values: dict[str, Any]
    because: list["SayingView"]


class ClockView(View):
    """One clock of a ticket, and in plain words why it is due when it is."""

    clock: ClockKind
    state: ClockState
    target_minutes: int | None
    consumed_minutes: int
    due_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    segments: list[SegmentView]
    open_hours: list[OpenHoursView]
    explained: SayingView
    sentence: str
