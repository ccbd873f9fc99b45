"""What the steps of a request for a quote write besides its own row: messages."""

from dataclasses import dataclass

from activities.cases.aggregate import Aggregate, Taking
from activities.cases.step import Notice, Step
from domain.quote_requests.rules import QuoteRequestState
from models.quote_requests import QuoteRequest


@dataclass(frozen=True, kw_only=True)
class QuoteRequestStep(Step[QuoteRequestState]):
    """`notice` is a template for the request's author."""

    state: QuoteRequestState
    notice: str | None = None


class QuoteRequests(Aggregate[QuoteRequest, QuoteRequestState, QuoteRequestStep]):
    prefix, digits = "QR", 4
    born_with = ("status", "customer_id", "requester_id")

    async def notices(self, taking: Taking[QuoteRequest, QuoteRequestStep]) -> list[Notice]:
        if taking.step.notice is None:
            return []
        return [Notice(taking.step.notice, taking.row.requester_id, {"number": taking.row.number})]
