"""What goes in and out of the routes of quote requests."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from api.files.schemas import AttachedFileView, FileIds
from api.http.payloads import OfEveryRequest, Payload, Stored
from domain.quote_requests.rules import QuoteRequestStatus

MOST_PRODUCTS = 50


class QuoteRequestBody(Payload):
    description: Annotated[Stored, StringConstraints(min_length=1, max_length=10_000)]
    product_ids: Annotated[list[UUID], Field(max_length=MOST_PRODUCTS)] = []
    file_ids: FileIds = []


class QuoteRequestView(OfEveryRequest):
    """A request, and the quote that answers it once there is one that the reader may see."""

    status: QuoteRequestStatus
    description: str
    product_ids: list[UUID]
    files: list[AttachedFileView]
    quote_id: UUID | None
