"""An order as its workflow knows it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from domain.cases import CaseKind, CaseState
from domain.orders.rules import WAITS_FOR, InvoiceStage, LineStatus, OrderStatus, StockStage, transition
from domain.orders.settings import OrderSettings


@dataclass(frozen=True)
class OrderLineState:
    """A line: `by_webhook` when another system is asked to fulfil it, which may know of it once it was `called`; else
    staff are."""

    id: UUID
    position: int
    status: LineStatus = LineStatus.OPEN
    by_webhook: bool = False
    called: bool = False

    @property
    def name(self) -> str:
        """What tells it from the other lines, for tasks and for who undoes it."""
        return f"line {self.position}"


@dataclass(frozen=True, kw_only=True)
class OrderState(CaseState):
    """`total` is in minor units, with tax. `pay_by` is when an order that is to be paid first is given up.
    `cancel_code` says why it was cancelled, and `unwound_at` since when nothing is left of what was done for it."""

    kind = CaseKind.ORDER
    transition = staticmethod(transition)
    waits_for = WAITS_FOR

    status: OrderStatus = OrderStatus.REQUEST
    requester_id: UUID | None = None
    content_id: UUID | None = None
    total: int | None = None
    payment_first: bool = True
    stock: StockStage = StockStage.NONE
    invoice: InvoiceStage = InvoiceStage.NONE
    invoice_id: UUID | None = None
    invoice_asked_at: datetime | None = None
    pay_by: datetime | None = None
    delivery_id: UUID | None = None
    delivered_at: datetime | None = None
    cancel_code: str | None = None
    unwound_at: datetime | None = None
    by_webhook: bool = False
    lines: tuple[OrderLineState, ...] = ()
    settings: OrderSettings = field(default_factory=OrderSettings)

    @property
    def over(self) -> bool:
        return self.status is OrderStatus.DELIVERED or self.unwound_at is not None

    @property
    def unwinding(self) -> bool:
        return self.status is OrderStatus.CANCELLED and self.unwound_at is None

    @property
    def begun(self) -> bool:
        """Whether anybody was asked to fulfil a line."""
        return any(line.status is not LineStatus.OPEN for line in self.lines)

    @property
    def fulfilled(self) -> bool:
        """Whether every line has been fulfilled."""
        return all(line.status is LineStatus.FULFILLED for line in self.lines)

    def line(self, name: str) -> OrderLineState:
        """The line of that name. Raises LookupError."""
        for line in self.lines:
            if line.name == name:
                return line
        raise LookupError(name)

    def with_line(self, line: OrderLineState) -> "OrderState":
        """The order with this line in place of the one at its position."""
        return replace(self, lines=tuple(line if line.id == each.id else each for each in self.lines))
