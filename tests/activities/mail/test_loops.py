"""Machines that answer machines: each time it ends by itself, soon."""

import asyncio
from email.message import EmailMessage

from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.mail.flood import ANSWERS_AN_HOUR, MAILS_ON_A_TICKET, TICKETS_OF_A_SENDER
from domain.mail.states import HeldFor, MailState
from models.mail import AutomaticAnswer, Mail
from models.mail_matters import MailMatter
from models.tickets import Ticket
from stores.mail.settling import accept
from tests.activities.mail.mailroom import Mailroom, letter, new_mailroom
from tests.activities.mail.test_bounces import report


def receipts(room: Mailroom) -> int:
    """How many acknowledgements the room has staged."""
    return sum(bool(command.arguments.get("receipt")) for command in room.carried)


async def test_two_tenants_that_acknowledge_each_other(room: Mailroom) -> None:
    other = await new_mailroom(room.database, room.files)
    mails = 0
    asked: EmailMessage | None = letter(other.address, "Question", to=room.address)
    sides = (room, other)
    while asked is not None and mails < 10:
        here, there = sides[mails % 2], sides[(mails + 1) % 2]
        before, mails = receipts(here), mails + 1
        await here.arrive(asked)
        acknowledged = receipts(here) > before
        answer = letter(here.address, "We have it", to=there.address, Auto_Submitted="auto-replied")
        asked = answer if acknowledged else None
    assert mails == 2
    assert [len(await each.all(Ticket)) for each in sides] == [1, 0]


async def test_an_autoresponder_that_strips_all_headers_gets_three_answers(room: Mailroom) -> None:
    for number in range(8):
        row = await room.arrive(room.letter("robot", "I am away", f"Until Monday {number}"))
        assert row.state is MailState.OPENED
    assert receipts(room) == ANSWERS_AN_HOUR
    assert len(await room.all(AutomaticAnswer)) == ANSWERS_AN_HOUR


async def test_it_is_who_is_answered_that_counts_whoever_it_says_it_is(room: Mailroom) -> None:
    for number in range(6):
        await room.arrive(room.letter(f"robot{number}", Return_Path=f"<{room.at('victim')}>"))
    assert receipts(room) == ANSWERS_AN_HOUR


async def test_all_tenants_together_answer_nobody_more_often(room: Mailroom) -> None:
    others = [room, *[await new_mailroom(room.database, room.files) for _ in range(5)]]
    victim = f"victim-{uuid7()}@somewhere.example"
    await asyncio.gather(*(each.arrive(letter(victim, "Hello", to=each.address)) for each in others))
    assert sum(map(receipts, others)) == ANSWERS_AN_HOUR


async def test_a_bounce_of_a_bounce_does_nothing(room: Mailroom) -> None:
    bounce = report(room.address, room.at("ada"))
    for raw in (bounce, report(room.address, "MAILER-DAEMON@mx.example")):
        mail_id = await room.put(raw)
        await room.arrivals().take_up(room.mailbox)
        assert (await room.mail(mail_id)).state is MailState.BOUNCE
    assert (room.carried, await room.all(Ticket)) == ([], [])


async def test_a_list_opens_nothing_unless_the_tenant_wants_it_and_is_never_answered(room: Mailroom) -> None:
    row = await room.arrive(room.letter("list", List_Id="<news.example>"))
    assert (row.state, row.automatic) == (MailState.AUTOMATIC, "list_id")
    await room.set(lists_open_tickets=True)
    assert (await room.arrive(room.letter("list", text="More", List_Id="<news.example>"))).state is MailState.OPENED
    assert receipts(room) == 0


async def test_our_own_mail_comes_back(room: Mailroom) -> None:
    customer = await room.customer()
    ticket = await room.ticket(customer, await room.person(room.at("ada"), customer_id=customer))
    ours = await room.known(ticket.id, f"<{uuid7()}@ours.example>")
    for mail in (letter(room.address, to=room.address), room.letter("ada", Message_ID=ours)):
        row = await room.arrive(mail)
        assert (row.state, row.why) == (MailState.IGNORED, "own_mail")
    assert room.carried == []


async def test_an_automatic_answer_shows_on_its_ticket_and_changes_nothing(room: Mailroom) -> None:
    customer = await room.customer()
    ticket = await room.ticket(customer, await room.person(room.at("ada"), customer_id=customer))
    ours = await room.known(ticket.id, f"<{uuid7()}@ours.example>")
    away = {"Auto_Submitted": "auto-replied", "In_Reply_To": ours}
    row = await room.arrive(room.letter("ada", "Away", "I am away.", **away))
    assert (row.state, row.ticket_id) == (MailState.AUTOMATIC, ticket.id)
    [message] = await room.messages(ticket.id)
    assert (message.internal, message.body) == (True, "I am away.")
    [command] = room.carried
    assert (command.kind, command.arguments["automatic"]) == ("ticket.post_message", True)
    # A stranger's is listed with the ticket, and has no message there.
    row = await room.arrive(room.letter("eve", "Away", "I am away, too.", **away))
    assert (row.state, row.ticket_id, row.ticket_message_id) == (MailState.AUTOMATIC, ticket.id, None)
    assert len(room.carried) == 1


async def test_a_sender_that_floods_is_held_under_one_task_and_let_go_on(room: Mailroom) -> None:
    for number in range(TICKETS_OF_A_SENDER + 3):
        await room.put(room.letter("ada", text=f"Number {number}"))
    await room.arrivals().take_up(room.mailbox)
    held = await room.all(Mail, col(Mail.state) == MailState.HELD)
    assert (len(held), {each.held_for for each in held}) == (3, {HeldFor.FLOOD})
    assert len(await room.all(Ticket)) == TICKETS_OF_A_SENDER
    assert len(await room.all(MailMatter)) == 1
    assert receipts(room) == ANSWERS_AN_HOUR
    async with room.database.transaction(room.tenant_id) as session:
        await accept(session, await session.get_one(Mail, held[0].id), uuid7())
    await room.arrivals().take_up(room.mailbox)
    assert (await room.mail(held[0].id)).state is MailState.OPENED
    # Others are not held for it.
    assert (await room.arrive(room.letter("bob"))).state is MailState.OPENED


async def test_a_ticket_that_is_flooded_is_left_alone_until_an_hour_of_quiet(room: Mailroom) -> None:
    customer = await room.customer()
    ticket = await room.ticket(customer, await room.person(room.at("ada"), customer_id=customer))
    ours = await room.known(ticket.id, f"<{uuid7()}@ours.example>")
    for number in range(MAILS_ON_A_TICKET + 2):
        await room.put(room.letter("ada", text=f"Number {number}", In_Reply_To=ours))
    await room.arrivals().take_up(room.mailbox)
    assert len(await room.messages(ticket.id)) == MAILS_ON_A_TICKET
    assert len(await room.all(MailMatter)) == 1
    async with room.database.transaction(room.tenant_id) as session:
        for mail in await room.all(Mail):
            row = await session.get_one(Mail, mail.id)
            row.settled_at = row.settled_at and row.settled_at.replace(year=2020)
    assert (await room.arrive(room.letter("ada", text="Later", In_Reply_To=ours))).state is MailState.JOINED
