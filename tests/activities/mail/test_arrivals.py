"""What becomes of mails that have come: a ticket, a message, or a task for a person."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from sqlmodel import col
from structlog.testing import capture_logs
from temporalio.testing import ActivityEnvironment
from uuid_utils.compat import uuid7

from activities.files.sweep import FileActivities
from activities.mail import facts
from api.registry import KINDS
from domain.customers.states import CustomerStatus
from domain.files.states import ScanResult
from domain.mail.reading.content import ReadMail
from domain.mail.states import HeldFor, MailState
from domain.refusal import Refusal
from domain.tickets.rules import TicketPriority
from models.cases import CommandRow
from models.files import StoredFile
from models.mail import Mail, MailAddress, MailPart, MailRule
from models.mail_matters import MailMatter
from models.people import Account, Customer, Membership
from models.tickets import AgentGroup, Ticket, TicketCategory, TicketMessageFile
from stores.files.scanner import VirusScanner
from stores.mail.settling import accept, delete, not_spam, reprocess, spam
from tests.activities.mail.mailroom import NOW, Mailroom


async def test_a_mail_of_a_stranger_opens_a_ticket_of_a_customer_that_is_made(room: Mailroom) -> None:
    mail = await room.arrive(room.letter(f"Ada <{room.at('ada')}>", "Help", "It does not work."))
    assert (mail.state, mail.sender_address, mail.subject) == (MailState.OPENED, room.at("ada"), "Help")
    [ticket] = await room.all(Ticket)
    [customer] = await room.all(Customer)
    assert (ticket.id, ticket.subject, ticket.customer_id) == (mail.ticket_id, "Help", customer.id)
    assert (customer.name, customer.email, customer.status) == ("Ada", room.at("ada"), "pending")
    [account] = await room.all(Account)
    assert (account.email, account.password_hash) == (room.at("ada"), None)
    [message] = await room.messages(ticket.id)
    assert message.body == "It does not work."
    [command] = room.carried
    assert (command.kind, command.case_id, command.id) == ("ticket.open", ticket.id, mail.command_id)
    assert command.arguments == {"message_id": str(message.id), "receipt": True, "participants": []}


async def test_a_copy_by_another_way_is_a_duplicate_and_a_shared_message_id_is_not(room: Mailroom) -> None:
    first = room.letter(Message_ID="<same@people.example>")
    other = room.letter(text="Something else.", Message_ID="<same@people.example>")
    ids = [await room.put(first), await room.put(first), await room.put(other)]
    await room.arrivals().take_up(room.mailbox)
    mails = [await room.mail(each) for each in ids]
    assert [each.state for each in mails] == [MailState.OPENED, MailState.DUPLICATE, MailState.OPENED]
    assert mails[1].duplicate_of == ids[0]
    assert len(await room.all(Ticket)) == 2


async def test_what_cannot_be_read_is_failed_with_one_task_and_the_next_goes_on(room: Mailroom) -> None:
    broken, gone = await room.put(b"\x00\x01"), await room.put(room.letter())
    async with room.database.transaction(room.tenant_id) as session:
        row = await session.get_one(Mail, gone)
        await room.files.delete(row.raw_key or "")
    good = await room.put(room.letter(text="Another."))
    assert await room.arrivals().take_up(room.mailbox) == 3
    assert [(each.state, each.why) for each in [await room.mail(broken), await room.mail(gone)]] == [
        (MailState.FAILED, "unreadable"),
        (MailState.FAILED, "bytes_missing"),
    ]
    assert (await room.mail(good)).state is MailState.OPENED
    # They are taken up side by side.
    matters = sorted(await room.all(MailMatter), key=lambda each: each.mail_id)
    assert [(each.about, each.mail_id) for each in matters] == [("failed", broken), ("failed", gone)]
    assert sorted(each.kind for each in room.carried) == ["mail_matter.open", "mail_matter.open", "ticket.open"]
    # Once its cause is gone it reads.
    async with room.database.transaction(room.tenant_id) as session:
        await reprocess(session, await session.get_one(Mail, broken))
    await room.arrivals().take_up(room.mailbox)
    assert (await room.mail(broken)).state is MailState.FAILED
    assert (await room.mail(broken)).reprocessed == 1


async def test_attachments_are_files_of_the_message_and_what_is_refused_is_listed(room: Mailroom) -> None:
    mail = room.letter()
    mail.add_attachment(b"%PDF-1.4 paper", maintype="application", subtype="pdf", filename="paper.pdf")
    mail.add_attachment(b"MZ\x90\x00", maintype="application", subtype="octet-stream", filename="run.exe")
    mail.add_attachment("a;b\n1;2\n", subtype="csv", filename="table.csv")
    mail.add_attachment(b"", maintype="application", subtype="pdf", filename="empty.pdf")
    row = await room.arrive(mail)
    assert row.state is MailState.OPENED
    parts = {part.name: part for part in await room.all(MailPart, col(MailPart.mail_id) == row.id)}
    assert {name: part.refused for name, part in parts.items()} == {
        "paper.pdf": None,
        "run.exe": "file_type_refused",
        "table.csv": None,
        "empty.pdf": "file_empty",
    }
    kept = {file.id: file for file in await room.all(StoredFile)}
    assert {file.name for file in kept.values()} == {"paper.pdf", "table.csv"}
    taken = await room.all(TicketMessageFile, col(TicketMessageFile.message_id) == row.ticket_message_id)
    assert {each.file_id for each in taken} == {parts["paper.pdf"].file_id, parts["table.csv"].file_id}
    paper = kept[parts["paper.pdf"].file_id]
    assert (paper.status, paper.content_type, paper.attached_at is not None) == ("stored", "application/pdf", True)
    chunks = await room.files.get(paper.key, 0, paper.size)
    assert b"".join([chunk async for chunk in chunks]) == b"%PDF-1.4 paper"


async def test_a_mailbox_and_rules_say_where_a_ticket_goes_and_how_urgent_it_is(room: Mailroom) -> None:
    category, group = uuid7(), uuid7()
    await room.keep(
        TicketCategory(id=category, tenant_id=room.tenant_id, name="Money"),
        AgentGroup(id=group, tenant_id=room.tenant_id, name="Money"),
        MailRule(
            tenant_id=room.tenant_id,
            name="Invoices",
            place=0,
            conditions=[{"field": "subject", "test": "contains", "value": "invoice"}],
            choices={"priority": "low", "category_id": str(category), "group_id": str(group), "no_answer": True},
        ),
        MailRule(tenant_id=room.tenant_id, name="Gone", place=1, conditions=[], choices={"group_id": str(uuid7())}),
    )
    mail = await room.arrive(room.letter(subject="Invoice is wrong, urgent"))
    [ticket] = await room.all(Ticket)
    assert (ticket.priority, ticket.category_id, ticket.group_id) == (TicketPriority.LOW, category, group)
    assert room.carried[0].arguments["receipt"] is False
    assert [(each["rule"], each["words"]) for each in mail.rules or []] == [("Invoices", ["invoice"])]
    urgent = await room.arrive(room.letter(subject="Production down, urgent"))
    second = next(each for each in await room.all(Ticket) if each.id == urgent.ticket_id)
    assert (second.priority, second.group_id) == (TicketPriority.HIGH, None)


async def test_one_that_is_likely_spam_starts_nothing_and_one_that_is_opens_nothing(room: Mailroom) -> None:
    marked = await room.arrive(room.letter(subject="You have won, urgent", text="Claim your prize"))
    assert (marked.state, marked.score) == (MailState.OPENED, 40)
    assert room.carried[0].arguments["receipt"] is False
    [ticket] = await room.all(Ticket)
    assert ticket.priority is TicketPriority.MEDIUM
    spam = await room.arrive(room.letter("eve", "You have won", "Claim your prize", X_Spam_Flag="YES"))
    assert (spam.state, spam.why, spam.score) == (MailState.SPAM, "score", 80)
    assert len(await room.all(Ticket)) == 1
    async with room.database.transaction(room.tenant_id) as session:
        await not_spam(session, await session.get_one(Mail, spam.id), uuid7())
    await room.arrivals().take_up(room.mailbox)
    assert (await room.mail(spam.id)).state is MailState.OPENED


async def test_a_sender_has_one_account_and_one_customer_and_staffs_customer_is_found(room: Mailroom) -> None:
    known = await room.customer("Known", email=room.at("carl").title())
    await room.arrive(
        room.letter(), room.letter("carl"), room.letter(text="Again"), room.letter(f"Ada <{room.at('ada').upper()}>")
    )
    tickets = await room.all(Ticket)
    assert len(tickets) == 4
    assert len({each.customer_id for each in tickets}) == 2
    assert known in {each.customer_id for each in tickets}
    assert len(await room.all(Membership)) == 2


async def test_a_company_by_its_domain_where_that_is_proven(room: Mailroom) -> None:
    company = await room.customer("Company")
    await room.set(company_domains=[f"{room.at('').strip('@')}={company}"])
    await room.arrive(room.letter("ada"))
    await room.arrive(room.letter("bob", verdict="pass"))
    assert [each.customer_id == company for each in await room.all(Ticket)] == [False, True]


async def test_a_suspended_customer_waits_for_a_person_who_may_let_it_in(room: Mailroom) -> None:
    customer = await room.customer(status=CustomerStatus.SUSPENDED)
    await room.person(room.at("ada"), customer_id=customer)
    first, second = room.letter(), room.letter(text="Please!")
    held = await room.arrive(first, second)
    assert (held.state, held.held_for) == (MailState.HELD, HeldFor.SUSPENDED)
    [matter] = await room.all(MailMatter)
    assert (matter.about, matter.status) == ("held", "open")
    async with room.database.transaction(room.tenant_id) as session:
        await accept(session, await session.get_one(Mail, held.id), uuid7())
    await room.arrivals().take_up(room.mailbox)
    assert (await room.mail(held.id)).state is MailState.OPENED
    # The other still waits, so does the task.
    assert [each.kind for each in await room.all(CommandRow)].count("mail_matter.give_up") == 0
    [other] = await room.all(Mail, col(Mail.state) == MailState.HELD)
    async with room.database.transaction(room.tenant_id) as session:
        await spam(session, await session.get_one(Mail, other.id), NOW)
        with pytest.raises(Refusal, match="spam"):
            await accept(session, await session.get_one(Mail, other.id), uuid7())
    assert [each.kind for each in await room.all(CommandRow)].count("mail_matter.give_up") == 1


async def test_what_is_deleted_has_no_content_and_does_not_come_again(room: Mailroom) -> None:
    mail = room.letter()
    row = await room.arrive(mail)
    async with room.database.transaction(room.tenant_id) as session:
        key = await delete(session, await session.get_one(Mail, row.id), NOW)
    gone = await room.mail(row.id)
    assert (key, gone.state, gone.raw_key) == (row.raw_key, MailState.DELETED, None)
    assert not {gone.text, gone.subject, gone.sender_address, gone.headers and "headers"} - {None}
    assert (await room.arrive(mail)).duplicate_of == row.id


async def test_one_too_large_says_so_and_one_without_a_subject_has_a_name(room: Mailroom) -> None:
    mail_id = await room.put(room.letter(subject=""), too_large=True)
    await room.arrivals().take_up(room.mailbox)
    [ticket] = await room.all(Ticket)
    [message] = await room.messages(ticket.id)
    assert ticket.subject == "(no subject)"
    assert message.body.startswith("It does not work.\n\n(This mail was too large")
    assert "size" in ((await room.mail(mail_id)).cut or [])


async def test_a_mail_of_nobody_waits_for_a_person(room: Mailroom) -> None:
    held = await room.arrive(room.letter(None))
    assert (held.state, held.held_for, held.why) == (MailState.HELD, HeldFor.UNAUTHENTICATED, "no_sender")
    returned = await room.arrive(room.letter(None, text="Again", Return_Path=f"<{room.at('ada')}>"))
    assert (returned.state, returned.sender_address) == (MailState.OPENED, room.at("ada"))


async def test_a_forms_mail_is_its_reply_tos_where_the_form_is_listed(room: Mailroom) -> None:
    form = {"Reply_To": room.at("carl")}
    await room.keep(MailAddress(tenant_id=room.tenant_id, address=room.at("form"), listed="form"))
    await room.arrive(room.letter("form", **form), room.letter("other", **form))
    customers = {each.email for each in await room.all(Customer)}
    assert customers == {room.at("carl"), room.at("other")}


async def test_commands_are_such_as_the_ticket_takes(room: Mailroom) -> None:
    await room.arrive(room.letter())
    for command in room.carried:
        KINDS[command.case_kind].check(command.kind.partition(".")[2], command.arguments)


async def test_what_goes_wrong_with_one_mail_keeps_no_other_back_and_logs_tell_nothing(
    room: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(read: ReadMail) -> None:
        if "breaks" in read.subject:
            raise ValueError(f"Canary {read.subject}")

    monkeypatch.setattr(facts, "automatic", breaks)
    rule = {"field": "subject", "test": "matches", "value": "("}
    await room.keep(
        MailRule(tenant_id=room.tenant_id, name="Canary", place=0, conditions=[rule], choices={"spam": True})
    )
    broken = await room.put(room.letter("canary", "Canary breaks", "Canary"))
    good = await room.put(room.letter("canary", "Canary", "Canary"))
    with capture_logs() as logs:
        await room.arrivals().take_up(room.mailbox)
    assert (await room.mail(broken)).why == "undecided"
    assert (await room.mail(good)).state is MailState.OPENED
    assert {each["event"] for each in logs} == {"mail_undecided", "mail_rule_unreadable"}
    assert "canary" not in str(logs).lower()
    assert "canary" not in str([[each.kind, each.arguments, each.correlation_id] for each in room.carried]).lower()


class Suspicious(VirusScanner):
    """A scanner that did not answer, and then finds something in all that it is shown."""

    def __init__(self, verdict: ScanResult) -> None:
        super().__init__("127.0.0.1:1")
        self._verdict = verdict

    async def scan(self, chunks: AsyncIterator[bytes]) -> ScanResult:
        return self._verdict


async def test_what_the_scanner_finds_later_is_taken_away_and_stays_listed(room: Mailroom) -> None:
    mail = room.letter()
    mail.add_attachment(b"%PDF-1.4 paper", maintype="application", subtype="pdf", filename="paper.pdf")
    row = await room.arrive(mail)
    async with room.database.transaction(room.tenant_id) as session:
        await session.execute(sa.update(StoredFile).values(scan=ScanResult.PENDING))
    sweep = FileActivities(room.database, room.files, Suspicious(ScanResult.INFECTED))
    await ActivityEnvironment().run(sweep.sweep)
    assert await room.all(StoredFile) == []
    [part] = await room.all(MailPart, col(MailPart.mail_id) == row.id)
    assert (part.name, part.refused, part.file_id) == ("paper.pdf", "file_infected", None)
