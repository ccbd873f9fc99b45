"""Mails that have come, on the real engine: each becomes a ticket or a message once, and its history tells nothing."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from domain.mail.states import MailState
from models.mail import MailAccount, MailAccountAddress
from runtime.mailboxes import wake
from stores.files.storage import FileStorage
from tests.activities.mail.mailroom import Mailroom
from tests.rollouts.real_world import RealWorld
from tests.workflows.world import eventually


@pytest.fixture(scope="module")
async def room(real_world: RealWorld) -> AsyncIterator[Mailroom]:
    """Acme's mailroom, with the workers of production."""
    async with real_world.database.transaction() as session:
        tenant_id: UUID | None = await session.scalar(sa.text("SELECT tenant_named('acme')"))
    assert tenant_id
    address, account_id = f"{uuid7()}@acme.example", uuid7()
    files = FileStorage.at(None, real_world.settings.home)
    room = Mailroom(real_world.database, files, tenant_id, account_id, address)
    account = MailAccount(id=account_id, tenant_id=tenant_id, name="Canary", size_limit=25_000_000, source="sendgrid")
    await room.keep(account, MailAccountAddress(tenant_id=tenant_id, account_id=account_id, address=address, place=0))
    async with real_world.workers("mail"):
        yield room


async def settled(world: RealWorld, room: Mailroom, mail_id: UUID) -> MailState:
    """What has become of a mail once its mailbox was told that there is one."""
    await wake(world.client, room.mailbox)

    async def look() -> MailState:
        return (await room.mail(mail_id)).state

    return await eventually(look, lambda state: state is not MailState.RECEIVED)


async def test_a_mail_opens_a_ticket_and_its_answer_joins_it(real_world: RealWorld, room: Mailroom) -> None:
    sender = f"canary{uuid7()}@people.example"
    first = room.letter(f"Canary <{sender}>", "Canary subject", "Canary words.")
    mail_id = await room.put(first)
    assert await settled(real_world, room, mail_id) is MailState.OPENED
    mail = await room.mail(mail_id)
    agent = await real_world.person("agent")

    async def read() -> dict[str, Any]:
        return (await agent.get(f"/tickets/{mail.ticket_id}?include=body")).json()

    ticket = await eventually(read, lambda ticket: ticket.get("version", 0) > 0)
    assert (ticket["subject"], ticket["body"], ticket["status"]) == ("Canary subject", "Canary words.", "open")
    assert (await agent.post(f"/tickets/{mail.ticket_id}/messages", json={"body": "Canary?"})).status_code == 201
    answer = room.letter(sender, "Re: Canary subject", "Canary answer.", In_Reply_To=first["Message-ID"])
    assert await settled(real_world, room, await room.put(answer)) is MailState.JOINED
    ticket = await eventually(read, lambda ticket: ticket["status"] == "open")
    messages = (await agent.get(f"/tickets/{mail.ticket_id}/messages")).json()["items"]
    assert [each["body"] for each in messages] == ["Canary words.", "Canary?", "Canary answer."]
    await real_world.keep("ticket_opened_and_answered_by_mail", f"ticket/{mail.ticket_id}")
    [receipt, *_] = await eventually(lambda: to(real_world, sender), bool)
    assert "Canary words" not in str(receipt)


async def to(world: RealWorld, address: str) -> list[EmailMessage]:
    return [mail for mail in world.postbox.mails if mail["To"] == address]
