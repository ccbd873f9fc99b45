"""The types that payloads are made of: strict, bounded, and without the one character that Postgres cannot store."""

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar, get_args
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from domain.one_line import is_one_line

T = TypeVar("T")


class Payload(BaseModel):
    """What comes in: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class View(BaseModel):
    """What goes out."""

    model_config = ConfigDict(from_attributes=True)


class Page(View, Generic[T]):
    """A part of a list; `next_cursor` continues it, and is null at its end. `total` only when asked for."""

    items: list[T]
    next_cursor: str | None
    total: Annotated[int | None, Field(description="How long the whole list is, where `count` asks for it.")] = None

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """What clients call it: `TicketPage`."""
        names = [each.__name__ for each in (get_args(params[0]) or params)]
        return "Or".join(name.removesuffix("View") for name in names) + "Page"


class OfEveryCase(View):
    """What is read of every case, whatever its kind. `version` is as in `ETag`."""

    id: UUID
    number: str
    status_since: datetime
    version: int
    created_at: datetime
    updated_at: datetime


class OfEveryRequest(OfEveryCase):
    """What is read of every case that a customer has asked for."""

    customer_id: UUID
    requester_id: UUID


class EventView(View):
    """One step of a case's timeline."""

    version: int
    kind: str
    actor: "ActorView"
    at: datetime
    changes: dict[str, Any]
    reason: str | None
    correlation_id: str


class StoryView(EventView):
    """One step of one of a customer's cases."""

    case: "CaseOfStoryView"


class CaseOfStoryView(View):
    kind: str
    id: UUID
    number: str


class ActorView(View):
    kind: str
    id: UUID | None


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain the NUL character")
    return text


def _storable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("must not contain lone surrogates") from None
    return text


def _one_line(text: str) -> str:
    if not is_one_line(text):
        raise ValueError("must be one line of text")
    return text


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie in the calendar") from None


Stored = Annotated[str, AfterValidator(_no_nul), AfterValidator(_storable)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_one_line)]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_one_line)]
LongText = Annotated[
    str, StringConstraints(min_length=1, max_length=50_000), AfterValidator(_no_nul), AfterValidator(_storable)
]
Reason = Annotated[
    str, StringConstraints(min_length=1, max_length=1_000), AfterValidator(_no_nul), AfterValidator(_storable)
]
UtcTime = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class ReasonBody(Payload):
    reason: Reason


class OptionalReasonBody(Payload):
    reason: Reason | None = None
