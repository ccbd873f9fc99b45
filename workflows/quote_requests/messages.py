"""The commands of a request for a quote."""

from dataclasses import dataclass
from uuid import UUID

from workflows.parts.messages import Command


@dataclass(frozen=True, kw_only=True)
class AnswerRequest(Command):
    """The quote that answers the request."""

    quote_id: UUID
