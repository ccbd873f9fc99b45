"""Who joins whose ticket, by real rows: requester, colleague, copied, staff, stranger, spoofed."""

from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.mail.states import HeldFor, MailState
from domain.tickets.rules import TicketStatus
from models.files import StoredFile
from models.mail import Mail, MailAccountAddress, TicketLink, TicketParticipant
from models.mail_matters import MailMatter
from models.people import Account
from models.tickets import Ticket, TicketMessage, TicketMessageFile
from stores.commands import refuse
from stores.mail.settling import accept, take_back
from tests.activities.mail.mailroom import ADDRESSES, Mailroom, new_mailroom

FORGED = 10_000


@dataclass
class Desk:
    """A ticket of Ada's, whose colleague is Bob, who has copied Carl, and of which agent Dora was told."""

    room: Mailroom
    ticket: Ticket
    agent_id: UUID
    sent: str

    @property
    def reply_to(self) -> str:
        return ADDRESSES.reply_to(self.room.address, self.room.tenant_id, self.ticket.id)

    @property
    def agents_reply_to(self) -> str:
        return ADDRESSES.reply_to(self.room.address, self.room.tenant_id, self.ticket.id, self.agent_id)

    def naming(self, by: str) -> dict[str, str]:
        """How a mail names the ticket."""
        return {
            "reply_address": {"to": self.reply_to},
            "sent": {"In_Reply_To": self.sent},
            "references": {"In_Reply_To": "<gone@a.example>", "References": f"{self.sent} <gone@a.example>"},
            "number": {"subject": f"Re: [{self.ticket.number}] Help"},
            "nothing": {},
        }[by]

    async def close(self) -> None:
        async with self.room.database.transaction(self.room.tenant_id) as session:
            row = await session.get_one(Ticket, self.ticket.id)
            row.status = TicketStatus.CLOSED


@pytest.fixture
async def desk(room: Mailroom) -> Desk:
    customer = await room.customer()
    requester = await room.person(room.at("ada"), customer_id=customer)
    await room.person(room.at("bob"), customer_id=customer)
    await room.person(room.at("zoe"), customer_id=await room.customer("Zoe"))
    agent_id = await room.person(room.at("dora"), role="agent")
    ticket = await room.ticket(customer, requester)
    await room.keep(TicketParticipant(tenant_id=room.tenant_id, ticket_id=ticket.id, address=room.at("carl")))
    return Desk(room, ticket, agent_id, await room.known(ticket.id, f"<{uuid7()}@ours.example>"))


JOINED, OWN, LINKED, SUGGESTED = "joined", "own", "linked", "suggested"
UNAUTHENTICATED, STAFF_UNPROVEN = "unauthenticated", "staff_unproven"
WHO = ("ada", "bob", "carl", "dora", "zoe", "eve")


def expected(who: str, by: str, verdict: str, closed: bool) -> str:
    if verdict == "fail":
        return UNAUTHENTICATED
    if who == "dora":
        return STAFF_UNPROVEN
    if by == "nothing":
        return OWN
    if who in ("zoe", "eve"):
        return SUGGESTED
    return JOINED if not closed and (by != "number" or verdict == "pass") else LINKED


async def outcome(desk: Desk, mail: Mail) -> str:
    """What has become of a mail, in the words of the table."""
    if mail.state is MailState.HELD:
        return str(mail.held_for)
    if mail.state is MailState.JOINED:
        assert mail.ticket_id == desk.ticket.id
        return JOINED
    assert mail.state is MailState.OPENED
    assert mail.ticket_id not in (None, desk.ticket.id)
    links = await desk.room.all(TicketLink, col(TicketLink.ticket_id) == mail.ticket_id)
    assert {link.other_id for link in links} <= {desk.ticket.id}
    return (SUGGESTED if links[0].suggested else LINKED) if links else OWN


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
@pytest.mark.parametrize("by", ["reply_address", "sent", "references", "number", "nothing"])
async def test_every_cell(desk: Desk, by: str, closed: bool) -> None:
    if closed:
        await desk.close()
    cells: dict[UUID, tuple[str, str]] = {}
    for who in WHO:
        for verdict in ("pass", "none", "fail"):
            mail = desk.room.letter(who, verdict=verdict, **{"subject": "Help", **desk.naming(by)})
            cells[await desk.room.put(mail)] = (who, verdict)
    await desk.room.arrivals().take_up(desk.room.mailbox)
    for mail_id, (who, verdict) in cells.items():
        found = await outcome(desk, await desk.room.mail(mail_id))
        assert found == expected(who, by, verdict, closed), (who, verdict)


async def test_staff_answer_by_their_own_notification_and_proven(desk: Desk) -> None:
    room = desk.room
    unproven = await room.arrive(room.letter("dora", to=desk.agents_reply_to))
    assert unproven.held_for is HeldFor.STAFF_UNPROVEN
    proven = await room.arrive(room.letter("dora", text="Try again.", to=desk.agents_reply_to, verdict="pass"))
    assert (proven.state, proven.ticket_id) == (MailState.JOINED, desk.ticket.id)
    [message] = await room.messages(desk.ticket.id)
    assert (message.from_customer, message.author_id) == (False, desk.agent_id)
    assert room.carried[-1].arguments["from_customer"] is False
    # Somebody else who has that address is no staff, and it names nothing to them.
    for who, state in (("ada", MailState.OPENED), ("eve", MailState.OPENED)):
        assert (await room.arrive(room.letter(who, to=desk.agents_reply_to, verdict="pass"))).state is state


async def test_who_may_not_answer_customers_does_not_by_mail_either(desk: Desk) -> None:
    room = desk.room
    clerk = await room.person(room.at("clerk"))
    to = ADDRESSES.reply_to(room.address, room.tenant_id, desk.ticket.id, clerk)
    held = await room.arrive(room.letter("clerk", to=to, verdict="pass"))
    assert held.held_for is HeldFor.STAFF_UNPROVEN


async def test_what_staff_forward_is_the_inner_senders(desk: Desk) -> None:
    room = desk.room
    text = (
        "Please see below.\n\n---------- Forwarded message ---------\n"
        f"From: Carl <{room.at('carol')}>\nDate: Fri, 20 Nov 2026 at 08:00\n"
        f"Subject: Broken\nTo: <{room.at('dora')}>\n\n"
        "My lamp is broken.\n"
    )
    held = await room.arrive(room.letter("dora", "Fwd: Broken", text))
    assert held.held_for is HeldFor.STAFF_UNPROVEN
    opened = await room.arrive(room.letter("dora", "Fwd: Broken", text, verdict="pass"))
    ticket = next(each for each in await room.all(Ticket) if each.id == opened.ticket_id)
    accounts = {each.id: each.email for each in await room.all(Account)}
    assert (ticket.subject, accounts[ticket.requester_id]) == ("Broken", room.at("carol"))
    [message] = await room.messages(ticket.id)
    assert message.body == "My lamp is broken."
    assert room.carried[-1].arguments["receipt"] is False


async def test_another_tenants_ticket_is_named_by_nothing(desk: Desk) -> None:
    other = await new_mailroom(desk.room.database, desk.room.files)
    for by in ("reply_address", "sent", "number"):
        given = {"to": other.address, "subject": "Help", **desk.naming(by)}
        mail = desk.room.letter("ada", verdict="pass", **given)
        row = await other.mail(await other.put(mail))
        await other.arrivals().take_up(other.mailbox)
        row = await other.mail(row.id)
        assert row.state is MailState.OPENED, by
        assert await other.all(TicketLink) == []
    assert await desk.room.messages(desk.ticket.id) == []


async def test_no_forged_address_or_message_id_joins_anything(desk: Desk) -> None:
    room, random = desk.room, Random(7)
    real, letters = desk.reply_to.partition("@")[0], "abcdefghijklmnopqrstuvwxyz234567"
    start = real.index("+") + 2

    def forged(number: int) -> str:
        if number % 2:
            at = random.randrange(start, len(real))
            return f"{real[:at]}{random.choice([each for each in letters if each != real[at]])}{real[at + 1 :]}"
        return f"support+t{''.join(random.choices(letters, k=len(real) - start))}"

    addresses = [f"{forged(each)}@{room.address.partition('@')[2]}" for each in range(FORGED)]
    named = [each for each in addresses if ADDRESSES.named(each, room.tenant_id)]
    # The last letter of base32 has bits that mean nothing: such a one is the real address, written otherwise.
    assert {ADDRESSES.named(each, room.tenant_id) for each in named} <= {ADDRESSES.named(desk.reply_to, room.tenant_id)}
    assert all(each.partition("@")[0][:-1] == real[:-1] for each in named)
    ids = [f"<{uuid7()}@ours.example>" for _ in range(FORGED - 1)]
    headers = {"Cc": ", ".join(set(addresses[:200]) - set(named)), "References": " ".join(ids[:500])}
    mail = await room.arrive(room.letter("ada", verdict="pass", **headers))
    assert mail.state is MailState.OPENED
    assert await room.all(TicketLink) == []
    found = {each["by"]: each.get("found") for each in (mail.tried or [])[:-1]}
    assert found == {"reply_address": 0, "references": 0, "number": 0}


async def test_a_strangers_ticket_holds_no_word_of_the_other(desk: Desk) -> None:
    room = desk.room
    mail = await room.arrive(room.letter("eve", subject=f"Re: [{desk.ticket.number}] Help", In_Reply_To=desk.sent))
    ticket = next(each for each in await room.all(Ticket) if each.id == mail.ticket_id)
    assert ticket.subject == "Re: Help"
    assert ticket.customer_id != desk.ticket.customer_id
    command = room.carried[-1]
    assert str(desk.ticket.id) not in str(command.arguments)
    assert "Canary" not in str(mail.tried)


async def test_those_whom_the_requester_copies_take_part_ten_at_most(desk: Desk) -> None:
    room = desk.room
    copied = [room.at(f"guest{each}") for each in range(12)]
    besides = [room.at("bob"), room.at("dora"), room.address, desk.reply_to, room.at("carl")]
    row = await room.arrive(room.letter("ada", In_Reply_To=desk.sent, Cc=", ".join([*besides, *copied])))
    assert row.state is MailState.JOINED
    taking_part = await room.all(TicketParticipant, col(TicketParticipant.ticket_id) == desk.ticket.id)
    assert {each.address for each in taking_part} == {room.at("carl"), *copied[:9]}
    assert len(room.carried[-1].arguments["participants"]) == 9
    # Others bring nobody along, and whoever was removed stays away.
    async with room.database.transaction(room.tenant_id) as session:
        (await session.get_one(TicketParticipant, taking_part[1].id)).removed_at = row.received_at
    await room.arrive(room.letter("bob", In_Reply_To=desk.sent, Cc=room.at("friend")))
    again = await room.arrive(room.letter("ada", In_Reply_To=desk.sent, text="Again", Cc=taking_part[1].address))
    assert again.state is MailState.JOINED
    assert room.carried[-1].arguments["participants"] == []
    assert (await room.arrive(room.letter("guest1", In_Reply_To=desk.sent))).state is MailState.JOINED
    removed = await room.arrive(room.letter(taking_part[1].address, In_Reply_To=desk.sent))
    assert removed.state is MailState.OPENED


async def test_a_reply_to_a_reply_joins_although_we_sent_neither(desk: Desk) -> None:
    room = desk.room
    first = room.letter("ada", In_Reply_To=desk.sent)
    second = room.letter("bob", text="Me too.", In_Reply_To=first["Message-ID"])
    assert (await room.arrive(first, second)).state is MailState.JOINED
    assert [each.body for each in await room.messages(desk.ticket.id)] == ["It does not work.", "Me too."]


async def test_what_its_ticket_refuses_opens_another_and_takes_its_files_along(desk: Desk) -> None:
    room = desk.room
    mail = room.letter("ada", In_Reply_To=desk.sent)
    mail.add_attachment(b"%PDF-1.4 paper", maintype="application", subtype="pdf", filename="paper.pdf")
    mail_id = await room.put(mail)
    closes = room.carried

    async def refuses(command: Any) -> bool:
        """The ticket is closed in this very moment."""
        closes.append(command)
        if command.kind == "ticket.post_message":
            await desk.close()
            async with room.database.transaction(room.tenant_id) as session:
                assert await refuse(session, room.tenant_id, command.id, "ticket_closed", "Closed.")
        return True

    await room.arrivals(refuses).take_up(room.mailbox)
    row = await room.mail(mail_id)
    assert (row.state, row.reprocessed) == (MailState.OPENED, 1)
    assert await outcome(desk, row) == LINKED
    assert [each.kind for each in room.carried] == ["ticket.post_message", "ticket.open"]
    assert len({each.id for each in room.carried}) == 2
    [file] = await room.all(StoredFile)
    [taken] = await room.all(TicketMessageFile)
    assert (taken.file_id, taken.message_id, file.attached_at is not None) == (file.id, row.ticket_message_id, True)
    # What answers it names the other one.
    answer = await room.arrive(room.letter("bob", text="Me too.", In_Reply_To=mail["Message-ID"]))
    assert (answer.state, answer.ticket_id) == (MailState.JOINED, row.ticket_id)


async def test_one_that_tickets_refuse_for_ever_is_given_up(desk: Desk) -> None:
    room = desk.room
    mail_id = await room.put(room.letter("ada", In_Reply_To=desk.sent))

    async def refuses(command: Any) -> bool:
        async with room.database.transaction(room.tenant_id) as session:
            await refuse(session, room.tenant_id, command.id, "group_unknown", "Gone.")
        return True

    for _ in range(3):
        await room.arrivals(refuses).take_up(room.mailbox)
    row = await room.mail(mail_id)
    assert (row.state, row.why) == (MailState.FAILED, "group_unknown")
    assert [each.about for each in await room.all(MailMatter)] == ["failed"]


async def test_a_person_lets_a_stranger_in_who_takes_part_from_then_on(desk: Desk) -> None:
    room = desk.room
    held = await room.arrive(room.letter("eve", In_Reply_To=desk.sent, verdict="fail"))
    assert held.held_for is HeldFor.UNAUTHENTICATED
    async with room.database.transaction(room.tenant_id) as session:
        row = await session.get_one(Mail, held.id)
        await accept(session, row, desk.agent_id, ticket_id=desk.ticket.id, add_participant=True)
    await room.arrivals().take_up(room.mailbox)
    assert (await room.mail(held.id)).state is MailState.JOINED
    assert (await room.arrive(room.letter("eve", text="Thanks", In_Reply_To=desk.sent))).state is MailState.JOINED
    [added] = await room.all(TicketParticipant, col(TicketParticipant.address) == room.at("eve"))
    assert added.added_by == desk.agent_id


async def test_a_reply_opens_a_closed_ticket_again_where_the_tenant_wants_it(desk: Desk) -> None:
    await desk.room.set(reopen_on_reply=True)
    await desk.close()
    row = await desk.room.arrive(desk.room.letter("ada", In_Reply_To=desk.sent))
    assert (row.state, row.ticket_id) == (MailState.JOINED, desk.ticket.id)
    assert desk.room.carried[-1].arguments["reopens"] is True
    # Its workflow says that it is too late: then a ticket of its own.
    async with desk.room.database.transaction(desk.room.tenant_id) as session:
        await take_back(session, desk.room.tenant_id, desk.room.carried[-1].id, "reopen_window_passed")
    await desk.room.arrivals().take_up(desk.room.mailbox)
    assert await outcome(desk, await desk.room.mail(row.id)) == LINKED


async def test_mails_of_one_ticket_go_in_their_order(desk: Desk) -> None:
    room = desk.room
    texts = [str(each) for each in range(9)]
    for text in texts:
        await room.put(room.letter(("ada", "bob", "carl")[int(text) % 3], text=text, In_Reply_To=desk.sent))
    await room.arrivals().take_up(room.mailbox)
    posted = [UUID(command.arguments["message_id"]) for command in room.carried]
    bodies = {each.id: each.body for each in await room.all(TicketMessage)}
    assert [bodies[each] for each in posted] == texts


async def test_an_alias_is_ours_too(desk: Desk) -> None:
    room = desk.room
    alias = f"help@{room.tenant_id.hex}.example"
    await room.keep(MailAccountAddress(tenant_id=room.tenant_id, account_id=room.account_id, address=alias, place=1))
    own = f"help+x@{room.tenant_id.hex}.example"
    row = await room.arrive(room.letter(own, verdict="pass", In_Reply_To=desk.sent))
    assert (row.state, row.why) == (MailState.IGNORED, "own_mail")
