"""Mails that have come, on the real engine: each becomes a ticket or a message once, and its history tells nothing."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col
from uuid_utils.compat import uuid7

from activities.mail.arrivals import ArrivalActivities
from activities.mail.giving_way import GivingWay
from domain.cases import DeliveryStatus
from domain.mail.reply_addresses import ReplyAddresses, reply_key
from domain.mail.states import HeldFor, MailState, Source
from models.cases import DeliveryRow, EventRow
from models.files import StoredFile
from models.mail import Mail, MailAccount, MailAccountAddress, TicketLink
from models.mail_matters import MailMatter
from models.people import Account
from models.tickets import Ticket, TicketMessage
from runtime.mailboxes import wake
from stores.files.storage import FileStorage
from stores.mail.settling import accept
from tests.activities.mail.mailroom import Mailroom
from tests.activities.mail.test_bounces import report
from tests.rollouts.real_world import RealWorld
from tests.rollouts.scenarios.runs import ended
from tests.stack import waiting
from tests.workflows.world import eventually
from workers.arrivals import arrivals_of
from workers.sweeps import sweeps_of


@pytest.fixture(scope="module")
async def room(real_world: RealWorld) -> AsyncIterator[Mailroom]:
    """Acme's mailroom, with the workers of production."""
    async with real_world.database.transaction() as session:
        tenant_id: UUID | None = await session.scalar(sa.text("SELECT tenant_named('acme')"))
    assert tenant_id
    address, account_id = f"{uuid7()}@acme.example", uuid7()
    files = FileStorage.at(None, real_world.settings.home)
    room = Mailroom(real_world.database, files, tenant_id, account_id, address)
    account = MailAccount(
        id=account_id, tenant_id=tenant_id, name="Canary", size_limit=25_000_000, source=Source.SENDGRID
    )
    await room.keep(account, MailAccountAddress(tenant_id=tenant_id, account_id=account_id, address=address, place=0))
    async with real_world.workers("mail"):
        yield room


@pytest.fixture(scope="module")
async def arrivals(real_world: RealWorld) -> ArrivalActivities:
    """What takes up mail, in this process."""
    config = real_world.settings
    assert config.jwt_private_key
    addresses = ReplyAddresses(reply_key(config.jwt_private_key.get_secret_value()))
    dispatcher = sweeps_of(real_world.client, real_world.database, config).dispatcher
    storage = FileStorage.at(None, config.home)
    return arrivals_of(real_world.database, config, dispatcher, addresses, storage, GivingWay())


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


async def opened_once(world: RealWorld, room: Mailroom, ids: list[UUID]) -> None:
    """Each of these mails has opened one ticket, which lives, with one message and one event."""

    async def alive() -> int:
        await world.sweep()
        return len(await room.all(Ticket, col(Ticket.id).in_(await tickets()), col(Ticket.version) == 1))

    async def tickets() -> list[UUID]:
        mails = await room.all(Mail, col(Mail.id).in_(ids))
        assert {each.state for each in mails} == {MailState.OPENED}
        return [each.ticket_id for each in mails]

    await eventually(alive, lambda count: count == len(ids))
    mine = await tickets()
    assert len(set(mine)) == len(ids)
    senders = {each.sender_address for each in await room.all(Mail, col(Mail.id).in_(ids))}
    accounts = await room.all(Account, col(Account.email).in_(senders))
    # None but these: whoever was half through has left nothing.
    by_sender = await room.all(Ticket, col(Ticket.requester_id).in_([each.id for each in accounts]))
    assert {each.id for each in by_sender} == set(mine)
    assert len(await room.all(TicketMessage, col(TicketMessage.ticket_id).in_(mine))) == len(ids)
    assert len(await room.all(EventRow, col(EventRow.case_id).in_(mine))) == len(ids)


async def test_two_workers_at_once_and_many_of_one_sender(
    real_world: RealWorld, room: Mailroom, arrivals: ArrivalActivities
) -> None:
    sender, mail = f"canary{uuid7()}@people.example", room.letter(f"canary{uuid7()}@people.example")
    many = [await room.put(room.letter(sender, text=f"Canary {each}")) for each in range(15)]
    same = [await room.put(mail) for _ in range(100)]
    mailboxes = [arrivals.take_up(room.mailbox) for _ in range(2)]
    assert sum(await asyncio.gather(*mailboxes)) == len(many) + len(same)
    await opened_once(real_world, room, [*many, same[0]])
    copies = await room.all(Mail, col(Mail.id).in_(same[1:]))
    assert {(each.state, each.duplicate_of) for each in copies} == {(MailState.DUPLICATE, same[0])}
    tickets = {each.id: each.ticket_id for each in await room.all(Mail, col(Mail.id).in_(many))}
    # Numbers are given when tickets are opened, which several are at once.
    decided = {each.id: each.created_at for each in await room.all(Ticket)}
    in_order = [decided[tickets[each]] for each in many]
    assert in_order == sorted(in_order)


async def test_killed_at_any_moment_each_is_taken_up_once(
    real_world: RealWorld, room: Mailroom, arrivals: ArrivalActivities
) -> None:
    kills = int(os.environ.get("CASEWRIGHT_MAIL_KILLS", "1"))
    ids = []
    for number in range(20 + 10 * kills):
        mail = room.letter(f"canary{uuid7()}@people.example", text=f"Canary {number}")
        if number % 10 == 0:
            mail.add_attachment(b"%PDF-1.4 paper", maintype="application", subtype="pdf", filename="paper.pdf")
        ids.append(await room.put(mail))
    settings = real_world.settings
    environment = os.environ | {
        "CASEWRIGHT_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url.get_secret_value() if settings.database_url else "",
        "TEMPORAL_ADDRESS": settings.temporal_address or "",
        "CASEWRIGHT_TEMPORAL_NAMESPACE": settings.temporal_namespace,
        "CASEWRIGHT_JWT_PRIVATE_KEY": settings.jwt_private_key.get_secret_value() if settings.jwt_private_key else "",
    }
    who = [str(room.tenant_id), str(room.account_id)]

    async def fewer_than(before: int) -> bool:
        return await left() < max(before, 1)

    async def left() -> int:
        return len(await room.all(Mail, col(Mail.id).in_(ids), col(Mail.state) == MailState.RECEIVED))

    for _ in range(kills):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.rollouts.mail_process", *who), env=environment, stdout=DEVNULL
        )
        before = await left()
        await waiting.eventually(lambda before=before: fewer_than(before), "some are taken up", within=120)
        process.kill()
        await process.wait()
    await arrivals.take_up(room.mailbox)
    await opened_once(real_world, room, ids)
    files = await room.all(StoredFile, col(StoredFile.name) == "paper.pdf")
    assert len(files) == len(ids[::10])


async def test_closed_in_the_same_moment_it_joins_or_opens_another(
    real_world: RealWorld, room: Mailroom, arrivals: ArrivalActivities
) -> None:
    outcomes = set()
    for number in range(4):
        life = await real_world.open_ticket()
        ticket = await room.all(Ticket, col(Ticket.id) == UUID(life.id))
        [client] = await room.all(Account, col(Account.id) == ticket[0].requester_id)
        known = await room.known(UUID(life.id), f"<{uuid7()}@ours.example>")
        mail_id = await room.put(room.letter(client.email, text=f"Canary {number}", In_Reply_To=known))
        closing = life.does("agent", "close")
        closed, _ = await asyncio.gather(closing, arrivals.take_up(room.mailbox))
        assert closed.status_code == 200
        await real_world.sweep()
        await arrivals.take_up(room.mailbox)
        mail = await room.mail(mail_id)
        outcomes.add(mail.state)
        posted = await room.all(
            TicketMessage, col(TicketMessage.ticket_id) == mail.ticket_id, col(TicketMessage.posted_at).is_not(None)
        )
        assert [each.body for each in posted if each.id == mail.ticket_message_id] == [f"Canary {number}"]
        links = await room.all(TicketLink, col(TicketLink.ticket_id) == mail.ticket_id)
        if mail.state is MailState.OPENED:
            assert [(each.other_id, each.suggested) for each in links] == [(UUID(life.id), False)]
        else:
            assert (mail.state, mail.ticket_id) == (MailState.JOINED, UUID(life.id))
    assert outcomes <= {MailState.OPENED, MailState.JOINED}


async def test_a_bounce_is_in_the_timeline_and_whoever_has_the_ticket_is_told(
    real_world: RealWorld, room: Mailroom, arrivals: ArrivalActivities
) -> None:
    life = await real_world.open_ticket()
    agent = await real_world.person("agent")
    me = (await agent.get("/me")).json()["user"]
    await life.does("agent", "assign", assignee_id=me["id"])
    await life.does("agent", "messages", body="Canary")

    async def sent() -> list[DeliveryRow]:
        return await room.all(
            DeliveryRow,
            col(DeliveryRow.case_id) == UUID(life.id),
            col(DeliveryRow.template) == "ticket_answered",
            col(DeliveryRow.status) == DeliveryStatus.SENT,
        )

    [delivery] = await eventually(sent, bool)
    [client] = await room.all(Account, col(Account.id) == delivery.recipient_id)
    mail_id = await room.put(report(room.address, client.email, status="5.2.2", about=delivery.message_id or ""))
    await arrivals.take_up(room.mailbox)
    assert (await room.mail(mail_id)).why == "refused"
    await life.happens("delivery_bounced")
    await eventually(
        lambda: to(real_world, me["email"]), lambda told: any(life.number in str(mail["Subject"]) for mail in told)
    )
    shown = (await agent.get(f"/deliveries/{delivery.id}")).json()
    assert (shown["status"], shown["error_code"]) == ("bounced", "5.2.2")
    await real_world.keep("ticket_bounced", life.case)


async def test_what_waits_for_a_person_is_a_task_that_ends_when_it_is_seen_to(
    real_world: RealWorld, room: Mailroom, arrivals: ArrivalActivities
) -> None:
    sender = f"canary{uuid7()}@people.example"
    spoofed = room.letter(sender, "Canary", "Canary")
    spoofed["Authentication-Results"] = "mx.acme.example; dmarc=fail (p=REJECT) header.from=people.example"
    async with room.database.transaction(room.tenant_id) as session:
        (await session.get_one(MailAccount, room.account_id)).authserv_id = "mx.acme.example"
    mail_id = await room.put(spoofed)
    await arrivals.take_up(room.mailbox)
    held = await room.mail(mail_id)
    assert (held.state, held.held_for) == (MailState.HELD, HeldFor.UNAUTHENTICATED)
    agent = await real_world.person("agent")
    query = {"kind": "mail_matter", "status": "pending", "limit": 200}

    async def tasks() -> list[dict[str, Any]]:
        return (await agent.get("/reviews", params=query)).json()["items"]

    [matter] = await room.all(MailMatter, col(MailMatter.mail_id) == mail_id)
    [task] = await eventually(tasks, bool)
    assert task["case"]["id"] == str(matter.id)
    await real_world.keep("mail_matter_open", f"mail_matter/{matter.id}")
    async with room.database.transaction(room.tenant_id) as session:
        await accept(session, await session.get_one(Mail, mail_id), uuid7())
    await arrivals.take_up(room.mailbox)
    await real_world.sweep()
    assert (await room.mail(mail_id)).state is MailState.OPENED
    await eventually(tasks, lambda found: not found)
    await ended(real_world, f"mail_matter/{matter.id}")
    await real_world.keep("mail_matter_gone", f"mail_matter/{matter.id}")
