"""What an invoice asks of the order that it is for."""

from typing import Any
from uuid import UUID

from domain.cases import Ask, CaseKind


def told(order_id: UUID | None, command: str, invoice_id: UUID, **facts: Any) -> tuple[Ask, ...]:
    """Tells the order what became of its invoice: `invoice_issued`, `invoice_paid`, or `invoice_cancelled` with
    `credited`. An invoice that is for no order tells nobody."""
    if order_id is None:
        return ()
    return (Ask(CaseKind.ORDER, order_id, command, {"invoice_id": invoice_id, **facts}),)
