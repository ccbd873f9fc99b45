"""What a request for a quote is asked."""

from dataclasses import dataclass
from uuid import UUID

from domain.cases import Ask, CaseKind
from workflows.parts.messages import Command


@dataclass(frozen=True, kw_only=True)
class AnswerRequest(Command):
    """The quote that answers the request."""

    quote_id: UUID


def answer(request_id: UUID, quote_id: UUID) -> Ask:
    """What a quote that is made of a request asks of it: the door for other lifecycles."""
    return Ask.of(CaseKind.QUOTE_REQUEST, request_id, "answer", AnswerRequest, quote_id=quote_id)
