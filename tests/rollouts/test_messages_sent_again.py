"""A message that failed for good, or waits for its next attempt, is sent when somebody of the staff wants it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from api.cases import lost
from api.cases.lost import LostCases
from api.mail.courier import Courier
from api.registry import KINDS
from tests.rollouts.real_world import RealWorld
from tests.rollouts.scenarios.runs import ended, runs_of
from tests.workflows.world import Life, eventually
from workflows.policies import DELIVERY_RETRY

# Longer than any wait here for a next attempt, and as long as the tests wait for anything.
LATER = timedelta(minutes=2)


@contextmanager
def _refusing(world: RealWorld) -> Iterator[None]:
    world.postbox.refuses_for_good = True
    try:
        yield
    finally:
        world.postbox.refuses_for_good = False


async def _delivery(life: Life, status: str) -> dict[str, Any]:
    """The only message of a case besides the receipt, once it has come so far."""
    agent = await life.world.person("agent")

    async def look() -> list[dict[str, Any]]:
        found = (await agent.get("/deliveries", params={"case_id": life.id, "status": status})).json()["items"]
        return [each for each in found if each["template"] != "ticket_received"]

    [found] = await eventually(look, bool)
    return found


async def _retry(life: Life, delivery: dict[str, Any]) -> httpx2.Response:
    return await (await life.world.person("agent")).post(f"/deliveries/{delivery['id']}/retry")


async def _refused_for_good(world: RealWorld) -> tuple[Life, dict[str, Any]]:
    life = await world.open_ticket(received=True)
    with _refusing(world):
        assert (await life.does("agent", "messages", body="Canary answer")).status_code == 201
        return life, await _delivery(life, "failed")


def _received(life: Life) -> list[str]:
    return [mail["Message-ID"] for mail in life.world.postbox.letters(life.number)]


async def test_one_that_failed_is_sent_by_its_case_under_the_same_id(real_world: RealWorld) -> None:
    async with real_world.workers("keeper"):
        life, failed = await _refused_for_good(real_world)
        assert failed["error_code"] == "message_refused"
        before = await runs_of(real_world, life.case)
        with _refusing(real_world):
            assert (await _retry(life, failed)).status_code == 200
            again = await _delivery(life, "failed")
            assert (again["id"], again["attempts"]) == (failed["id"], 2)
        assert (await _retry(life, failed)).status_code == 200
        sent = await _delivery(life, "sent")
        assert (sent["attempts"], sent["error_code"]) == (3, None)
        assert _received(life) == [failed["message_id"]] == [sent["message_id"]]
        refused = await _retry(life, sent)
        assert (refused.status_code, refused.json()["code"]) == (409, "delivery_sent")
        assert await runs_of(real_world, life.case) == before
        assert await life.kinds() == ["opened", "agent_replied"]
        await real_world.keep("ticket_message_sent_again", life.case)


async def test_one_of_a_case_whose_run_has_ended_is_sent_and_the_case_stays_as_it_is(real_world: RealWorld) -> None:
    async with real_world.workers("keeper"):
        life, failed = await _refused_for_good(real_world)
        assert (await life.does("agent", "close")).status_code == 200
        await real_world.pass_time(life.case, timedelta(days=15))
        await ended(real_world, life.case)
        archived, kinds = await life.read(), await life.kinds()
        assert (await _retry(life, failed)).status_code == 200
        await life.mails(1)
        assert _received(life) == [failed["message_id"]]
        await ended(real_world, life.case)
        assert (await life.read(), await life.kinds()) == (archived, kinds)


async def test_one_that_waits_for_its_next_attempt_is_sent_at_once(
    real_world: RealWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("initial_interval", "maximum_interval"):
        monkeypatch.setattr(DELIVERY_RETRY, name, LATER)
    async with real_world.workers("keeper"):
        life = await real_world.open_ticket(received=True)
        monkeypatch.setattr(real_world.postbox, "out_of_order", True)
        refused_before = real_world.postbox.refused
        assert (await life.does("agent", "messages", body="Canary answer")).status_code == 201

        # Once in its turn and once beside: now it waits.
        async def tried() -> int:
            return real_world.postbox.refused - refused_before

        await eventually(tried, lambda count: count >= 2)
        deferred = await _delivery(life, "deferred")
        assert (await _retry(life, deferred)).status_code == 200
        await eventually(tried, lambda count: count >= 3)
        await _delivery(life, "deferred")
        monkeypatch.setattr(real_world.postbox, "out_of_order", False)
        assert (await _retry(life, deferred)).status_code == 200
        sent = await _delivery(life, "sent")
        assert (sent["id"], sent["attempts"]) == (deferred["id"], 4)
        assert _received(life) == [sent["message_id"]]


async def test_a_wish_that_the_engine_has_not_heard_of_is_carried_by_a_round(
    real_world: RealWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost, "_UNSENT_AFTER", timedelta(seconds=-5))
    round_of = LostCases(real_world.client, real_world.database, KINDS)
    async with real_world.workers("keeper"):
        life, failed = await _refused_for_good(real_world)
        with monkeypatch.context() as away:
            away.setattr(Courier, "send_again_soon", lambda *_: None)
            assert (await _retry(life, failed)).status_code == 200
        assert (await _delivery(life, "pending"))["attempts"] == 1
        assert (await round_of.look()).lost == ()
        await _delivery(life, "sent")
        assert _received(life) == [failed["message_id"]]
        # Nothing is left to tell: another round writes no history.
        settled = await real_world.history_at_rest(life.case)
        await round_of.look()
        assert await real_world.history(life.case) == settled
