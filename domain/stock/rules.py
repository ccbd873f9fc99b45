"""How pieces in stock are given to those who want them: at once where there are enough, else refused or in turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.refusal import Refusal

MOST_PIECES = 1_000_000_000


class OutOfStock(StrEnum):
    """What becomes of who wants more of a product than there is."""

    REFUSE = "refuse"
    BACKORDER = "backorder"


class ClaimStatus(StrEnum):
    """`waiting` claims are served in the order in which they came; `shipped` pieces have left the house."""

    WAITING = "waiting"
    RESERVED = "reserved"
    SHIPPED = "shipped"
    RELEASED = "released"


OPEN_CLAIMS = (ClaimStatus.WAITING, ClaimStatus.RESERVED)
"""Claims that are given back when their case is undone."""


class MovementKind(StrEnum):
    RECEIVED = "received"
    CORRECTED = "corrected"
    RESERVED = "reserved"
    RELEASED = "released"
    SHIPPED = "shipped"
    TAKEN_BACK = "taken_back"


PIECE: dict[MovementKind, tuple[int, int]] = {
    MovementKind.RECEIVED: (1, 0),
    MovementKind.CORRECTED: (-1, 0),
    MovementKind.RESERVED: (0, 1),
    MovementKind.RELEASED: (0, -1),
    MovementKind.SHIPPED: (-1, -1),
    MovementKind.TAKEN_BACK: (1, 0),
}
"""What a movement of one piece adds to what is on hand, and to what is reserved of it."""


@dataclass(frozen=True)
class Level:
    """A stock in pieces. `waiting` are those of claims that wait for it."""

    on_hand: int
    reserved: int
    waiting: int = 0

    @property
    def available(self) -> int:
        """What can still be given away."""
        return self.on_hand - self.reserved


def fitting(level: Level, quantities: Sequence[int], policy: OutOfStock) -> list[bool]:
    """Which of the quantities, wanted together and in this order, are reserved at once; the others wait.

    Nobody overtakes who waits already. Raises Refusal `out_of_stock` when not all fit and the product does not let
    anybody wait.
    """
    left = 0 if level.waiting else level.available
    fits: list[bool] = []
    for quantity in quantities:
        fits.append(all(fits) and quantity <= left)
        left -= quantity if fits[-1] else 0
    if policy is OutOfStock.REFUSE and not all(fits):
        there = 0 if level.waiting else level.available
        raise Refusal("out_of_stock", f"Of a product {sum(quantities)} are wanted, and {there} are available.")
    return fits


def served(available: int, waiting: Sequence[int]) -> int:
    """How many of the waiting quantities, in their order, are served: the first that does not fit keeps later ones
    waiting."""
    for place, quantity in enumerate(waiting):
        if quantity > available:
            return place
        available -= quantity
    return len(waiting)


def counted(level: Level, by: int) -> MovementKind:
    """How a change of what is on hand is written down. Raises Refusal: `quantity_zero`, `stock_too_large`, and
    `stock_reserved` when pieces would go that are promised to somebody."""
    if by == 0:
        raise Refusal("quantity_zero", "A movement moves at least one piece.")
    if level.on_hand + by > MOST_PIECES:
        raise Refusal("stock_too_large", f"A stock holds {MOST_PIECES} pieces at most.")
    if level.available + by < 0:
        raise Refusal(
            "stock_reserved", f"{level.available} are available: the others are promised to orders, which come first."
        )
    return MovementKind.RECEIVED if by > 0 else MovementKind.CORRECTED
