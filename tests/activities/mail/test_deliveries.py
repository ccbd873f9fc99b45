"""What becomes of the messages of a step: each is sent once, and none keeps another back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col
from temporalio.testing import ActivityEnvironment
from uuid_utils.compat import uuid7

from activities.mail.smtp import COMMAND_SECONDS, DATA_SECONDS, MailError
from domain.cases import DeliveryStatus, StepRef
from models.cases import DeliveryRow
from models.database import Database
from stores.people import MOST_RECIPIENTS
from tests.activities.desk import NOON, new_desk
from tests.activities.mail.office import Office, new_office
from tests.stack.mails import text_of
from workflows.policies import DELIVERY_RETRY, DELIVERY_TIMEOUT

SENT, FAILED, SENDING = DeliveryStatus.SENT, DeliveryStatus.FAILED, DeliveryStatus.SENDING


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with new_office(database, tmp_path) as office:
        yield office


def message_id(row: DeliveryRow) -> str:
    return f"<{row.id}@casewright.example>"


async def test_each_message_is_claimed_sent_and_marked(office: Office) -> None:
    ada, ben = await office.member(), await office.member(locale="fr")
    step = await office.stage(ada, ben)

    assert await office.send(step) == 2
    assert await office.send(step) == 0

    assert office.server.received == [ada.email, ben.email]
    rows = await office.rows(step)
    assert [mail["Message-ID"] for mail in office.server.mails] == [message_id(row) for row in rows]
    assert [(row.status, row.attempts, row.message_id) for row in rows] == [(SENT, 1, message_id(row)) for row in rows]
    assert all(row.claimed_at and row.sent_at and row.claimed_at <= row.sent_at for row in rows)
    to_ada, to_ben = (text_of(mail) for mail in office.server.mails)
    assert f"http://here/tickets/{office.desk.ticket_id}" in to_ada
    assert to_ada.startswith("Hello Ada,")
    assert to_ben.startswith("Bonjour Ada,")


async def test_times_are_those_of_who_reads_them(office: Office) -> None:
    here, there = await office.member(), await office.member(timezone="Asia/Tokyo")
    until = "2026-12-31T23:00:00+00:00"
    await office.send(await office.stage(here, there, template="ticket_closed", reopen_until_at=until))
    to_here, to_there = (text_of(mail) for mail in office.server.mails)
    assert "Thursday 31 December 2026, midnight" in to_here
    assert "Friday 1 January 2027, 08:00 +0900" in to_there


async def test_mail_about_a_task_leads_to_it(office: Office) -> None:
    task_id = uuid7()

    await office.send(await office.stage(await office.member(), task_id=str(task_id)))

    assert f"http://here/inbox/{task_id}" in text_of(office.server.mails[0])


async def test_what_was_claimed_and_never_marked_is_sent_again_as_the_same_message(office: Office) -> None:
    step = await office.stage(await office.member())
    await office.send(step)
    async with office.desk.database.transaction(office.desk.tenant_id) as session:
        await session.execute(
            sa.update(DeliveryRow).where(col(DeliveryRow.step_id) == step.step_id).values(status=SENDING)
        )

    assert await office.send(step) == 1

    first, second = office.server.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert [(row.status, row.attempts) for row in await office.rows(step)] == [(SENT, 2)]


async def test_a_server_that_takes_its_time_gets_one_copy(office: Office) -> None:
    step = await office.stage(await office.member())
    environment, heartbeats = ActivityEnvironment(), 0
    environment.info = replace(environment.info, heartbeat_timeout=timedelta(seconds=0.15))

    def beat(*_: Any) -> None:
        nonlocal heartbeats
        heartbeats += 1
        # Longer than the server has for any command: it is thinking about the message.
        if heartbeats >= 15:
            office.server.takes.set()

    environment.on_heartbeat = beat
    office.server.takes.clear()

    assert await environment.run(office.deliveries.send_step, step) == 1

    assert heartbeats >= 15
    assert len(office.server.received) == 1
    assert await office.statuses(step) == [SENT]


def test_a_step_has_the_time_that_its_messages_may_take() -> None:
    assert timedelta(seconds=DATA_SECONDS) >= timedelta(minutes=5)
    assert timedelta(seconds=DATA_SECONDS) * MOST_RECIPIENTS < DELIVERY_TIMEOUT


def test_after_an_outage_of_any_length_the_next_attempt_is_less_than_a_minute_away() -> None:
    last_attempt = timedelta(seconds=COMMAND_SECONDS)
    assert DELIVERY_RETRY.maximum_interval is not None
    assert last_attempt + DELIVERY_RETRY.maximum_interval < timedelta(minutes=1)
    assert DELIVERY_RETRY.maximum_attempts == 0


async def test_a_recipient_that_is_put_off_for_ever_keeps_nobody_back(office: Office) -> None:
    ada, ben, cyd = [await office.member() for _ in range(3)]
    office.server.says[ada.email] = "450 Mailbox busy"
    office.server.says[cyd.email] = "550 No such user"
    step = await office.stage(ada, ben, cyd)

    for _ in range(3):
        with pytest.raises(MailError):
            await office.send(step)

    assert office.server.received == [ben.email]
    assert await office.statuses(step) == [SENDING, SENT, FAILED]
    office.server.says.clear()
    assert await office.send(step) == 1
    assert office.server.received == [ben.email, ada.email]
    rows = await office.rows(step)
    assert [(row.status, row.attempts, row.error_code) for row in rows] == [
        (SENT, 4, None),
        (SENT, 1, None),
        (FAILED, 1, "recipient_refused"),
    ]


async def test_a_server_that_takes_nothing_is_asked_once_for_a_step(office: Office) -> None:
    step = await office.stage(*[await office.member() for _ in range(3)])
    office.server.says["greeting"] = "554 No service here"

    with pytest.raises(MailError):
        await office.send(step)

    assert office.server.connections == 1
    office.server.says.clear()
    assert await office.send(step) == 3
    assert await office.statuses(step) == [SENT, SENT, SENT]


async def test_a_message_that_is_under_way_when_the_activity_is_cancelled_is_sent_once(office: Office) -> None:
    step = await office.stage(await office.member(), await office.member())
    environment = ActivityEnvironment()
    office.server.takes.clear()
    attempt = asyncio.ensure_future(environment.run(office.deliveries.send_step, step))
    await office.server.asked.wait()

    environment.cancel()
    office.server.takes.set()

    with pytest.raises(asyncio.CancelledError):
        await attempt
    assert await office.statuses(step) == [SENT, SENDING]
    assert await office.send(step) == 1
    assert len(office.server.received) == 2
    assert len({mail["Message-ID"] for mail in office.server.mails}) == 2


async def test_a_worker_that_shuts_down_waits_for_no_server(office: Office) -> None:
    step = await office.stage(await office.member())
    environment = ActivityEnvironment()
    office.server.takes.clear()
    attempt = asyncio.ensure_future(environment.run(office.deliveries.send_step, step))
    await office.server.asked.wait()

    environment.worker_shutdown()
    environment.cancel()

    with pytest.raises(asyncio.CancelledError):
        await attempt
    assert await office.statuses(step) == [SENDING]


async def test_mail_about_an_account_reaches_its_owner_outside_the_tenant(office: Office) -> None:
    stranger = await (await _another_office(office)).member()
    about_the_account = await office.stage(stranger, about_the_account=True)
    about_a_case = await office.stage(stranger)
    with_a_token_that_is_over = await office.stage(stranger, about_the_account=True, mailed_token_id=str(UUID(int=1)))

    assert await office.send(about_the_account) == 1
    assert await office.send(about_a_case) == 0
    assert await office.send(with_a_token_that_is_over) == 0

    assert office.server.received == [stranger.email]
    assert [row.error_code for row in await office.rows(about_a_case)] == ["recipient_gone"]
    assert [row.error_code for row in await office.rows(with_a_token_that_is_over)] == ["token_over"]


async def test_nobody_writes_to_an_account_that_is_closed(office: Office) -> None:
    step = await office.stage(await office.member(disabled_at=NOON))
    assert await office.send(step) == 0
    assert [(row.status, row.error_code) for row in await office.rows(step)] == [(FAILED, "recipient_gone")]
    assert office.server.received == []


async def test_one_tenant_sends_nothing_of_another(office: Office) -> None:
    other = await _another_office(office)
    step = await other.stage(await other.member())
    assert await office.send(StepRef(office.desk.tenant_id, step.step_id)) == 0
    assert await other.statuses(step) == [DeliveryStatus.PENDING]


async def _another_office(office: Office) -> Office:
    return replace(office, desk=await new_desk(office.desk.database))
