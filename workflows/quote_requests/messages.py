"""What a quote request's workflow is started with and asked."""

from dataclasses import dataclass
from uuid import UUID

from activities.quote_requests.step import QuoteRequestState
from domain.tasks.rules import Task
from workflows.parts.case import CarriedCase
from workflows.parts.command import Command


@dataclass(frozen=True, kw_only=True)
class AnswerRequest(Command):
    """The quote that answers the request."""

    quote_id: UUID


@dataclass(frozen=True)
class CarriedQuoteRequest:
    """What a run hands to the next when it continues as new."""

    case: CarriedCase
    request: QuoteRequestState
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True)
class QuoteRequestStart:
    """`new` when the first command opens the request; else the run begins from its row, or from what is carried."""

    tenant_id: UUID
    case_id: UUID
    new: bool = False
    carried: CarriedQuoteRequest | None = None
