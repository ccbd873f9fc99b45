"""What a request for a quote is in the database."""

from activities.cases.aggregate import Aggregate
from activities.cases.step import Step
from domain.quote_requests.rules import QuoteRequestState
from models.quote_requests import QuoteRequest


class QuoteRequests(Aggregate[QuoteRequest, QuoteRequestState, Step[QuoteRequestState]]):
    prefix, digits = "QR", 4
    born_with = ("status", "customer_id", "requester_id")
