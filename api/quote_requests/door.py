"""The door of requests for quotes in the API: the only module of theirs that other lifecycles may import."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.http.problems import field_error
from domain.quote_requests.rules import QuoteRequestState, QuoteRequestStatus
from models.quote_requests import QuoteRequest


async def require_open_request(session: AsyncSession, request_id: UUID, customer_id: UUID) -> None:
    """Raises 422 for a request that is not there or is another customer's; Refusal `quote_request_settled`."""
    request = await session.get(QuoteRequest, request_id)
    if request is None or request.version == 0:
        raise field_error("request_id", "unknown", "There is no request with this id.")
    if request.customer_id != customer_id:
        raise field_error("request_id", "other_customer", "This request is another customer's.")
    QuoteRequestState.transition(request.status, QuoteRequestStatus.QUOTED)
