"""A mailbox at a real IMAP server, for the corpus."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.activities.mail.imap import ADDRESS, PASSWORD, RealImap, real_imap
from tests.rollouts.conftest import LONG_HISTORY
from tests.rollouts.real_world import RealWorld
from tests.rollouts.scenarios.runs import ended, runs_of
from tests.workflows.world import eventually


@pytest.fixture
async def imap(tmp_path: Path) -> AsyncIterator[RealImap]:
    async with real_imap(tmp_path) as server:
        yield server


async def _connect(world: RealWorld, imap: RealImap, **given: Any) -> dict[str, Any]:
    body = {"name": "Canary", "address": f"canary-{uuid4().hex[:8]}@acme.example", "host": "127.0.0.1"}
    body |= {"port": imap.port, "security": "none", "username": ADDRESS, "password": PASSWORD, **given}
    answer = await (await world.person("admin")).post("/mail/accounts", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _becomes(world: RealWorld, mailbox: dict[str, Any], **wanted: Any) -> dict[str, Any]:
    admin = await world.person("admin")

    async def look() -> dict[str, Any]:
        return (await admin.get(f"/mail/accounts/{mailbox['id']}")).json()

    return await eventually(look, lambda found: all(found[name] == value for name, value in wanted.items()))


async def test_mails_are_fetched_while_it_is_paused_and_resumed(world: RealWorld, imap: RealImap) -> None:
    admin = await world.person("admin")
    mailbox = await _connect(world, imap, start="unseen")
    await _becomes(world, mailbox, waits="server")
    imap.send(2)
    await _becomes(world, mailbox, last_uid=2, waits="server")
    assert (await admin.post(f"/mail/accounts/{mailbox['id']}/pause")).status_code == 200
    imap.send()
    assert (await admin.post(f"/mail/accounts/{mailbox['id']}/sync")).status_code == 409
    assert (await admin.post(f"/mail/accounts/{mailbox['id']}/resume")).status_code == 200
    await _becomes(world, mailbox, last_uid=3, waits="server")
    kept = await world.query("SELECT uid FROM mail WHERE account_id = :id ORDER BY uid", id=mailbox["id"])
    assert [row.uid for row in kept] == [1, 2, 3]
    await world.keep("mailbox_fetched_paused_and_resumed", f"mailbox/{mailbox['id']}")
    assert (await admin.post(f"/mail/accounts/{mailbox['id']}/pause")).status_code == 200


async def test_a_login_that_is_refused_until_another_is_given(world: RealWorld, imap: RealImap) -> None:
    admin = await world.person("admin")
    mailbox = await _connect(world, imap, password="Canary-wrong")
    path = f"/mail/accounts/{mailbox['id']}"
    for state in ("active", "active", "failing"):
        await _becomes(world, mailbox, last_error="login_refused", state=state, waits="next_try")
        if state == "active":
            assert (await admin.post(f"{path}/sync")).status_code == 202
    assert (await admin.patch(path, json={"password": PASSWORD})).status_code == 200
    await _becomes(world, mailbox, state="active", waits="server", last_error=None)
    assert (await admin.delete(path)).status_code == 204
    await ended(world, f"mailbox/{mailbox['id']}")
    told = await world.query(
        "SELECT DISTINCT template FROM delivery WHERE correlation_id = :id", id=f"mailbox-{mailbox['id']}"
    )
    assert {row.template for row in told} == {"mailbox_failing", "mailbox_works"}
    await world.keep("mailbox_refused_and_removed", f"mailbox/{mailbox['id']}")


async def test_a_long_life_goes_on_in_a_new_run(world: RealWorld, imap: RealImap) -> None:
    admin = await world.person("admin")
    mailbox = await _connect(world, imap, start="unseen")
    await _becomes(world, mailbox, waits="server")
    [first] = await runs_of(world, f"mailbox/{mailbox['id']}")
    run = world.client.get_workflow_handle(f"mailbox/{mailbox['id']}")
    while (await run.describe()).history_length < LONG_HISTORY:
        await run.signal("arrived")
    assert (await admin.post(f"/mail/accounts/{mailbox['id']}/sync")).status_code == 202

    async def look() -> list[str]:
        return await runs_of(world, f"mailbox/{mailbox['id']}")

    await eventually(look, lambda runs: len(runs) == 2)
    imap.send()
    await _becomes(world, mailbox, last_uid=1)
    await world.keep("mailbox_continued_as_new", f"mailbox/{mailbox['id']}", first)
    assert (await admin.post(f"/mail/accounts/{mailbox['id']}/pause")).status_code == 200
