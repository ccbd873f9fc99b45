"""Calls to a tenant's own system: signed, never into the house, and none that a bad receiver can hold up."""

import pytest
from standardwebhooks import Webhook
from temporalio.exceptions import ApplicationError

from activities.orders.calls import call
from tests.workflows.orders.receiver import Receiver, receiving

SECRET = "whsec_" + "A" * 43 + "="


async def calls(receiver: Receiver) -> str | None:
    """The code of what goes wrong with a call, None when it is answered."""
    try:
        await call(receiver.url, SECRET, "msg_1", {"type": "order.line.fulfil"}, private=True, patience=0.5)
    except ApplicationError as error:
        return f"{error.type}, for good" if error.non_retryable else error.type
    return None


async def test_what_is_asked_can_be_verified() -> None:
    async with receiving() as receiver:
        assert await calls(receiver) is None
        [(headers, body)] = receiver.asked
    assert Webhook(SECRET).verify(body, headers) == {"type": "order.line.fulfil"}
    assert headers["webhook-id"] == "msg_1"
    assert headers["host"] == receiver.url.split("/")[2]


@pytest.mark.parametrize("answers", ["twice", "at length"])
async def test_only_the_status_counts(answers: str) -> None:
    async with receiving() as receiver:
        receiver.answers = answers
        assert await calls(receiver) is None
        assert len(receiver.asked) == 1


@pytest.mark.parametrize(
    "answers",
    ["with a failure", "with another address", "with nonsense", "with nothing", "never", "a byte at a time"],
)
async def test_a_bad_answer_is_none(answers: str) -> None:
    async with receiving() as receiver:
        receiver.answers = answers
        assert await calls(receiver) == "webhook_failed"
        assert len(receiver.asked) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "169.254.169.254"])
async def test_nobody_is_called_in_the_house(host: str) -> None:
    with pytest.raises(ApplicationError) as refused:
        await call(f"http://{host}:1/", SECRET, "msg_1", {}, private=False)
    assert (refused.value.type, refused.value.non_retryable) == ("address_refused", True)


async def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(ApplicationError) as refused:
        await call("https://nobody.invalid/", SECRET, "msg_1", {}, private=False)
    assert refused.value.type == "webhook_failed"
