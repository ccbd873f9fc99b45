"""The commands of a quote."""

from dataclasses import dataclass
from uuid import UUID

from workflows.parts.messages import Command


@dataclass(frozen=True, kw_only=True)
class OpenQuote(Command):
    """What a quote offers, written with the command, and the request that it answers, if it does."""

    content_id: UUID
    request_id: UUID | None = None


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
