"""What a quote's workflow is started with and asked."""

from dataclasses import dataclass
from uuid import UUID

from activities.quotes.step import QuoteState
from domain.tasks.rules import Task
from workflows.parts.case import CarriedCase
from workflows.parts.command import Command


@dataclass(frozen=True, kw_only=True)
class WriteQuote(Command):
    """What a quote offers, written with the command."""

    content_id: UUID


@dataclass(frozen=True, kw_only=True)
class AcceptQuote(Command):
    """The customer's yes; the row `answer_id` says in whose name."""

    answer_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReplaceQuote(Command):
    """Asks for the next version, which will have this id."""

    next_quote_id: UUID


@dataclass(frozen=True)
class CarriedQuote:
    """What a run hands to the next when it continues as new."""

    case: CarriedCase
    quote: QuoteState
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True)
class QuoteStart:
    """`new` when the first command opens the quote; otherwise the run begins from its row, or from what is carried."""

    tenant_id: UUID
    case_id: UUID
    new: bool = False
    carried: CarriedQuote | None = None
