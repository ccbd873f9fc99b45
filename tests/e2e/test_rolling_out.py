"""From an older commit to this one on the same data, while cases of every kind are open."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from tests.e2e import invariants, kyc_desk
from tests.e2e.desk import do, kinds, open_ticket, read, timeline
from tests.e2e.quotes import do as do_to_quote
from tests.e2e.quotes import kinds as kinds_of_quote
from tests.e2e.quotes import sent_quote, write_quote
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

OLDER = "6a017d68fe53ec89a8c44efac7c86540448b3286"
"""The last commit whose runs the present code cannot go on with, so that they begin anew from their rows."""

ROOT = Path(__file__).parents[2]
A_MONTH = timedelta(days=31)


@pytest.fixture
async def older_stack(tmp_path: Path) -> AsyncIterator[RunningStack]:
    """The stack of the older commit, running."""
    stack = RunningStack(tmp_path / "home", code=_code_of(OLDER, tmp_path / "older"))
    try:
        await stack.start()
        yield stack
    finally:
        stack.remove()


def _code_of(commit: str, folder: Path) -> Path:
    try:
        packed = folder.with_suffix(".tar")
        subprocess.run(["git", "archive", "-o", packed, commit], cwd=ROOT, capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.CalledProcessError) as missing:
        pytest.skip(f"git has no commit {commit[:12]} here, as in a tarball or a shallow clone: {missing}")
    shutil.unpack_archive(packed, folder)
    return folder


async def test_open_cases_of_every_kind_begin_anew_and_go_on(older_stack: RunningStack) -> None:
    stack, people = older_stack, People(older_stack.address)
    customer, agent = await people.log_in("client@globex.example"), await people.log_in("agent@globex.example")
    admin = await people.log_in("admin@globex.example")
    waiting = await open_ticket(customer)
    await do(agent, waiting, "messages", body="Which one?", status="waiting_for_response")
    late = await open_ticket(customer, priority="urgent")
    review = await kyc_desk.submitted(admin)
    draft, sent = await write_quote(agent, customer), await sent_quote(agent, customer)
    request = (await customer.post("quote-requests", json={"description": "Ten chairs"})).json()
    opened = [
        *(f"ticket/{ticket['id']}" for ticket in (waiting, late)),
        *(f"quote/{quote['id']}" for quote in (draft, sent)),
        *(f"kyc/{review['case']['id']}", f"quote_request/{request['id']}"),
    ]
    await people.close()
    assert await stack.stop() == []

    stack.code = None
    await stack.start()
    anew = stack.command("begin-anew", *opened)
    assert anew.returncode == 0, anew.stderr
    doctor = stack.command("doctor")
    assert "is current" in doctor.stdout, doctor.stdout
    people = People(stack.address)
    customer, agent = await people.log_in("client@globex.example"), await people.log_in("agent@globex.example")
    reviewer = await people.log_in("reviewer@globex.example")

    # A command each.
    await do(customer, waiting, "messages", body="This one.")
    await do(agent, late, "messages", body="At last.")
    claimed = await reviewer.post(f"reviews/{review['id']}/claim")
    assert claimed.status_code == 200, claimed.text
    await do_to_quote(agent, draft, "submit")
    answering = await write_quote(agent, customer, request_id=request["id"])
    await eventually(lambda: _is_quoted(customer, request["id"]), "the request learns of its quote")
    other = (await customer.post("quote-requests", json={"description": "Ten more"})).json()
    assert answering["status"] == "draft"

    # And what time brings.
    await do(agent, waiting, "status", status="resolved")
    for case in (*opened[:2], *opened[3:5], f"quote_request/{other['id']}"):
        await stack.pass_time(case, A_MONTH)
    assert "closed" in await kinds(agent, waiting)
    assert "sla_breached" in await kinds(agent, late)
    assert (await kinds_of_quote(agent, sent))[-1] == "expired"
    checked = [
        event["kind"] for event in (await read(reviewer, f"customers/{review['case']['id']}/kyc/timeline"))["items"]
    ]
    assert "task_escalated" in checked
    assert all(event["version"] == place for place, event in enumerate(await timeline(agent, waiting), 1))
    await invariants.check(stack, people)
    await people.close()
    assert await stack.stop() == []


async def _is_quoted(customer: httpx2.AsyncClient, request_id: str) -> bool:
    return (await read(customer, f"quote-requests/{request_id}"))["status"] == "quoted"
