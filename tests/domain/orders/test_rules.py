"""What an order may become, who must look at it, and which addresses may be called for it."""

import uuid

import pytest

from domain.orders.calls import FulfilmentCall
from domain.orders.rules import OrderStatus, needs_validation, require_cancellable, require_editable, transition
from domain.orders.settings import OrderSettings
from domain.refusal import Refusal

_S = OrderStatus
ALLOWED = {
    (_S.REQUEST, _S.VALIDATED),
    (_S.VALIDATED, _S.IN_PROGRESS),
    (_S.IN_PROGRESS, _S.DELIVERED),
    *((status, _S.CANCELLED) for status in (_S.REQUEST, _S.VALIDATED, _S.IN_PROGRESS)),
}


@pytest.mark.parametrize("to", OrderStatus)
@pytest.mark.parametrize("current", OrderStatus)
def test_what_it_may_become(current: OrderStatus, to: OrderStatus) -> None:
    if (current, to) in ALLOWED:
        assert transition(current, to) is to
        return
    with pytest.raises(Refusal) as refused:
        transition(current, to)
    settled = {_S.DELIVERED: "order_delivered", _S.CANCELLED: "order_cancelled"}
    assert refused.value.code == settled.get(current, "order_not_ready")


@pytest.mark.parametrize(
    ("total", "from_quote", "settings", "looked_at"),
    [
        (1, False, OrderSettings(), True),
        (10**9, False, OrderSettings(validate_direct=False), False),
        (10**9, True, OrderSettings(), False),
        (1_000, True, OrderSettings(validate_above=1_000), False),
        (1_001, True, OrderSettings(validate_above=1_000), True),
        (1, True, OrderSettings(validate_above=0), True),
    ],
)
def test_who_is_looked_at(total: int, from_quote: bool, settings: OrderSettings, looked_at: bool) -> None:
    assert needs_validation(total, settings, from_quote=from_quote) is looked_at


def test_customers_cancel_until_it_is_being_fulfilled() -> None:
    require_cancellable(_S.VALIDATED, by_customer=True)
    require_cancellable(_S.IN_PROGRESS, by_customer=False)
    with pytest.raises(Refusal, match="being fulfilled"):
        require_cancellable(_S.IN_PROGRESS, by_customer=True)


@pytest.mark.parametrize("status", [status for status in OrderStatus if status is not _S.REQUEST])
def test_what_somebody_has_looked_at_is_not_changed(status: OrderStatus) -> None:
    with pytest.raises(Refusal) as refused:
        require_editable(status)
    assert refused.value.code == "order_not_request"


def test_a_call_has_one_key_and_its_undoing_another() -> None:
    ids = (uuid.uuid4(), uuid.uuid4(), uuid.uuid4())
    call = FulfilmentCall(*ids)
    assert call.key == FulfilmentCall(*ids).key != FulfilmentCall(*ids, undo=True).key
