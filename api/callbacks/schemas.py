"""What goes in and out of the routes of callbacks."""

from datetime import datetime
from typing import Self

from pydantic import model_validator

from api.http.payloads import OfEveryRequest, Payload, UtcTime
from api.http.telephone import PhoneNumber
from api.identity.schemas.people import OneLine
from domain.callbacks.rules import CallbackStatus


class CallbackBody(Payload):
    """`from_at` and `to_at` are when a call would suit."""

    phone: PhoneNumber
    topic: OneLine
    from_at: UtcTime | None = None
    to_at: UtcTime | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_at and self.to_at and self.from_at >= self.to_at:
            raise ValueError("to_at must be later than from_at")
        return self


class PlanBody(Payload):
    at: UtcTime


class CallbackView(OfEveryRequest):
    """A callback; `planned_at` is when the customer will be, or was to be, called."""

    status: CallbackStatus
    phone: str
    topic: str
    from_at: datetime | None
    to_at: datetime | None
    planned_at: datetime | None
