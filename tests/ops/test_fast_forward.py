from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from ops.fast_forward import fast_forward, parse_case, parse_duration
from ops.trouble import Trouble
from runtime.settings import settings
from tests.stack.people import People
from tests.stack.running_stack import RunningStack

CASE = "ticket/01a1f940-fe27-7223-aca3-a0ee4a3aa8e9"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90m", timedelta(minutes=90)),
        ("4h", timedelta(hours=4)),
        ("2d", timedelta(days=2)),
        ("1d12h", timedelta(days=1, hours=12)),
        ("1d2h3m", timedelta(days=1, hours=2, minutes=3)),
        ("3650d", timedelta(days=3650)),
    ],
)
def test_durations(written: str, meant: timedelta) -> None:
    assert parse_duration(written) == meant


@pytest.mark.parametrize(
    "written", ["", "4", "h", "4x", "-4h", "12h1d", "1.5h", "0m", "0d0h", "3651d", "4h ", "9999999h"]
)
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(Trouble, match="not a duration"):
        parse_duration(written)


def test_a_case_is_a_kind_and_an_id() -> None:
    assert parse_case(CASE) == CASE
    assert parse_case(CASE.replace("a", "A").replace("A", "a", 1)) == CASE


@pytest.mark.parametrize("written", ["", "ticket", "ticket/", "ticket/42", CASE.partition("/")[2], f"parcel{CASE[6:]}"])
def test_what_is_no_case_is_refused(written: str) -> None:
    with pytest.raises(Trouble, match="not a case"):
        parse_case(written)


def test_only_the_embedded_stack_moves_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWRIGHT_HOME", str(tmp_path))
    monkeypatch.setenv("CASEWRIGHT_EMBEDDED", "false")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    settings.cache_clear()
    try:
        with pytest.raises(Trouble, match="Only the embedded stack"):
            fast_forward(CASE, "4h")
    finally:
        settings.cache_clear()


async def test_one_case_moves_and_no_other(stack: RunningStack, people: People) -> None:
    customer, agent = await people.log_in("client@globex.example"), await people.log_in("agent@globex.example")
    moved, other = await _resolved(customer, agent), await _resolved(customer, agent)

    done = stack.command("fast-forward", f"ticket/{moved}", "7d1h")

    assert done.returncode == 0, done.stderr
    last = (await _events(agent, moved))[-1]
    closed_at = datetime.fromisoformat(last["at"])
    now = datetime.strptime(done.stdout.partition(" is at ")[2][:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert last["kind"] == "closed"
    assert timedelta(minutes=59) < now - closed_at < timedelta(minutes=90)
    assert "Waits for the end of its reopen window" in done.stdout
    assert f"Next deadline {closed_at + timedelta(days=14):%Y-%m-%d}" in done.stdout
    assert [event["kind"] for event in await _events(agent, other)] == ["opened", "status_changed"]


async def test_a_case_that_ends_on_the_way_cannot_be_moved_again(stack: RunningStack, people: People) -> None:
    customer, agent = await people.log_in("client@globex.example"), await people.log_in("agent@globex.example")
    ticket = await _resolved(customer, agent)

    ended = stack.command("fast-forward", f"ticket/{ticket}", "30d")
    again = stack.command("fast-forward", f"ticket/{ticket}", "1h")

    assert (ended.returncode, again.returncode) == (0, 1), ended.stderr
    assert "has ended" in ended.stdout
    assert "has finished" in again.stderr


def test_an_unknown_case_is_said_to_be_unknown(stack: RunningStack) -> None:
    refused = stack.command("fast-forward", CASE, "4h")
    assert refused.returncode == 1
    assert f"No workflow runs for {CASE}" in refused.stderr


async def _resolved(customer: httpx2.AsyncClient, agent: httpx2.AsyncClient) -> str:
    opened = await customer.post("tickets", json={"subject": "A clock", "body": "It will be moved."})
    ticket = str(opened.json()["id"])
    resolved = await agent.post(f"tickets/{ticket}/status", json={"status": "resolved"})
    assert resolved.status_code == 200, resolved.text
    return ticket


async def _events(agent: httpx2.AsyncClient, ticket: str) -> list[dict[str, str]]:
    events: list[dict[str, str]] = (await agent.get(f"tickets/{ticket}/timeline")).json()["items"]
    return events
