"""What an operator reads of an order in the Temporal UI."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from domain.orders.rules import CancelCode, InvoiceStage, LineStatus, OrderStatus, StockStage
from domain.orders.state import OrderLineState, OrderState
from workflows.orders.view import facts

LINES = tuple(OrderLineState(uuid4(), position) for position in (1, 2))
REQUEST = OrderState(lines=LINES)
WAITING = replace(REQUEST, status=OrderStatus.VALIDATED, stock=StockStage.WAITING)
ISSUED = replace(WAITING, stock=StockStage.RESERVED, invoice=InvoiceStage.ISSUED, invoice_id=uuid4())
ASKED = tuple(replace(line, status=LineStatus.ASKED) for line in LINES)
BEGUN = replace(ISSUED, status=OrderStatus.IN_PROGRESS, invoice=InvoiceStage.PAID, lines=ASKED)
DONE = replace(BEGUN, lines=tuple(replace(line, status=LineStatus.FULFILLED) for line in LINES))
UNWINDING = replace(DONE, status=OrderStatus.CANCELLED, lines=LINES, invoice=InvoiceStage.CANCELLING)


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (REQUEST, ["**Stage** validation"]),
        (WAITING, ["**Stage** stock", "**Waits for** what is not in stock", "would undo** the stock"]),
        (ISSUED, ["**Stage** payment", f"`invoice/{ISSUED.invoice_id}`", "would undo** the invoice, then the stock"]),
        (BEGUN, ["**Stage** fulfilment", "**Lines fulfilled** 0 of 2"]),
        (
            DONE,
            [
                "**Stage** delivery",
                "**Stock** shipped",
                "would undo** line 1 and line 2, then the invoice, then the stock",
            ],
        ),
        (UNWINDING, ["**Stage** undoing", "**Waits for** its invoice", "**Left to undo** the invoice, then the stock"]),
    ],
)
def test_it_says_its_stage_what_it_waits_for_and_what_would_be_undone(order: OrderState, told: list[str]) -> None:
    text = "\n".join(facts(order))
    assert [words for words in told if words not in text] == [], text


@pytest.mark.parametrize(
    ("code", "why"),
    [
        *((code, " ") for code in CancelCode),
        (CancelCode.UNPAID, "not paid in time"),
        ("out_of_stock", "`out_of_stock`"),
    ],
)
def test_it_says_why_it_was_cancelled(code: str, why: str) -> None:
    text = "\n".join(facts(replace(UNWINDING, cancel_code=code)))
    [said] = [line for line in text.splitlines() if "**Cancelled because** " in line]
    assert why in said
    assert ("`" in said) == (code == "out_of_stock")


def test_nothing_is_left_to_say_of_one_that_is_over() -> None:
    over = replace(UNWINDING, unwound_at=datetime.now(UTC))
    assert not any(word in "\n".join(facts(over)) for word in ("Stage", "Waits", "undo"))
