"""What goes in and out of the routes of stock."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.http.payloads import Payload, Reason, View
from domain.stock.rules import MovementKind


class MovementBody(Payload):
    """Pieces that came in, or, negative, that turned out to be missing."""

    quantity: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
    reason: Reason
    variant_id: UUID | None = None


class StockView(View):
    """A stock in pieces: `available` is what is on hand and promised to nobody, `waiting` what orders wait for."""

    id: UUID
    product_id: UUID
    variant_id: UUID | None
    sku: str
    name: str
    on_hand: int
    reserved: int
    available: int
    waiting: int
    low_stock_level: int | None
    low: bool


class MovementView(View):
    """A movement: what it added, and its cause; `place` counts those of its stock."""

    id: UUID
    place: int
    kind: MovementKind
    on_hand_change: int
    reserved_change: int
    line_id: UUID | None
    case_kind: str | None
    case_id: UUID | None
    actor_id: UUID | None
    reason: str | None
    at: datetime
