"""The door of requests for quotes among workflows: what other lifecycles may ask of one."""

from uuid import UUID

from domain.cases import Ask, CaseKind
from workflows.quote_requests.messages import AnswerRequest


def answer(request_id: UUID, quote_id: UUID) -> Ask:
    """Asks it to take this quote for its answer."""
    return Ask.of(CaseKind.QUOTE_REQUEST, request_id, "answer", AnswerRequest, quote_id=quote_id)
