"""Mails about a ticket make one conversation: whoever answers any of them is known to answer this ticket."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from activities.mail.letters import MOST_ATTACHED_BYTES
from activities.mail.smtp import MailServerAway
from domain.cases import PUT_OFF, DeliveryStatus
from domain.files.states import ScanResult
from domain.mail.reading.marker import marker
from domain.mail.reply_addresses import Named
from domain.mail.states import KnownAs, MailboxState, MailState, Security, Source
from models.database import Database
from models.mail import KnownMessageId, Mail, MailAccount, MailAccountAddress, MailAddress, TicketParticipant
from models.people import Account
from models.tickets import TicketMessage
from tests.activities.desk import NOON
from tests.activities.mail.office import SECRETS, Office, new_office
from tests.activities.mail.server import mail_server
from tests.stack.mails import text_of
from tests.stack.waiting import eventually

RELAY = "250 2.0.0 Ok: queued as <202611291200.12345678901@relay.example>"


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with new_office(database, tmp_path) as office:
        yield office


async def mailbox(office: Office, address: str = "support@acme.example", **given: Any) -> UUID:
    """A mailbox of the tenant, at an address of its own."""
    account = MailAccount(tenant_id=office.desk.tenant_id, name="Support", size_limit=25_000_000, **given)
    async with office.desk.database.transaction(office.desk.tenant_id) as session:
        session.add(account)
        await session.flush()
        session.add(
            MailAccountAddress(tenant_id=office.desk.tenant_id, account_id=account.id, address=address, place=0)
        )
    return account.id


async def wrote(
    office: Office, author: Account, body: str = "Have you tried water?", *, customer: bool = False
) -> UUID:
    """What somebody has written on the ticket."""
    message = TicketMessage(
        id=uuid7(),
        tenant_id=office.desk.tenant_id,
        ticket_id=office.desk.ticket_id,
        author_id=author.id,
        from_customer=customer,
        body="Have you tried water?",
        posted_at=NOON,
    )
    async with office.desk.database.transaction(office.desk.tenant_id) as session:
        session.add(message)
    return message.id


async def mailed(office: Office, account_id: UUID, author: Account, message_id: str, **header: str) -> None:
    """A mail of the customer's that has opened the ticket."""
    written = await wrote(office, author, customer=True)
    async with office.desk.database.transaction(office.desk.tenant_id) as session:
        session.add(
            Mail(
                tenant_id=office.desk.tenant_id,
                account_id=account_id,
                received_at=NOON,
                raw_size=1,
                raw_sha256="0" * 64,
                state=MailState.OPENED,
                headers=[[name.replace("_", "-"), value] for name, value in header.items()],
                message_id=message_id,
                sender_address=author.email,
                ticket_id=office.desk.ticket_id,
                ticket_message_id=written,
            )
        )


async def answer(office: Office, *people: Account, template: str = "ticket_answered", **context: Any) -> EmailMessage:
    """The mail that the first of them gets when one of the staff has written on the ticket."""
    words = await wrote(office, await office.member())
    before = len(office.server.mails)
    await office.send(await office.stage(*people, template=template, message_id=str(words), **context))
    return office.server.mails[before]


async def known(office: Office) -> dict[str, KnownAs]:
    async with office.desk.database.transaction(office.desk.tenant_id) as session:
        return {row.message_id: row.known_as for row in await session.scalars(sa.select(KnownMessageId))}


def ids(mail: EmailMessage) -> list[str]:
    return str(mail["References"]).split()


async def test_an_answer_to_a_mail_threads_and_is_answered_to_the_ticket(office: Office) -> None:
    ada = await office.member()
    account = await mailbox(office)
    await mailed(office, account, ada, "<first@customer.example>")

    mail = await answer(office, ada)

    assert mail["From"].addresses[0].addr_spec == "support@acme.example"
    assert mail["Subject"] == "[TCK-1] Help"
    assert mail["Auto-Submitted"] is None
    assert (mail["In-Reply-To"], ids(mail)[-1]) == ("<first@customer.example>", "<first@customer.example>")
    tenant_id, ticket_id = office.desk.tenant_id, office.desk.ticket_id
    reply_to, return_path = mail["Reply-To"].addresses[0].addr_spec, office.server.senders[-1]
    assert office.addresses.named(reply_to.upper(), tenant_id) == Named(ticket_id=ticket_id)
    named = office.addresses.named(return_path, tenant_id)
    assert named is not None
    assert mail["Message-ID"] == f"<{named.delivery_id}@casewright.example>"
    assert await known(office) == {str(mail["Message-ID"]): KnownAs.SENT, ids(mail)[0]: KnownAs.ANCHOR}
    words = text_of(mail)
    assert words.startswith(marker("en"))
    assert "Have you tried water?" in words
    html = mail.get_body(("html",))
    assert html is not None
    assert marker("en") in html.get_content()


async def test_every_mail_names_all_that_its_receiver_has(office: Office) -> None:
    ada, ben = await office.member(), await office.member()
    await mailbox(office)
    first, to_ben, second = [await answer(office, whom) for whom in (ada, ben, ada)]

    assert ids(first) == ids(to_ben) == ids(second)[:1]
    assert ids(second)[1:] == [first["Message-ID"]]
    assert first["Subject"] == second["Subject"]

    for _ in range(20):
        last = await answer(office, ada)
    assert len(ids(last)) == 21
    assert ids(last)[:2] == [*ids(first), second["Message-ID"]]


async def test_what_a_relay_calls_a_message_names_the_ticket_too(office: Office) -> None:
    ada = await office.member()
    await mailbox(office)
    office.server.says["DATA"] = RELAY
    await answer(office, ada)
    relayed = "<202611291200.12345678901@relay.example>"
    assert (await known(office))[relayed] is KnownAs.RELAYED
    office.server.says.clear()
    assert relayed in ids(await answer(office, ada))


async def test_staff_answer_to_an_address_of_their_own(office: Office) -> None:
    agent = await office.member()
    await mailbox(office)
    for template in ("ticket_replied", "ticket_assigned"):
        mail = await answer(office, agent, template=template)
        reply_to = mail["Reply-To"].addresses[0].addr_spec
        own = Named(ticket_id=office.desk.ticket_id, person_id=agent.id)
        assert office.addresses.named(reply_to, office.desk.tenant_id, [agent.id]) == own
        assert office.addresses.named(reply_to, office.desk.tenant_id) is None
        assert mail["Auto-Submitted"] == "auto-generated"


async def test_an_acknowledgement_has_none_of_the_senders_words(office: Office) -> None:
    spammer = await office.member()
    account = await mailbox(office)
    await mailed(office, account, spammer, "<first@customer.example>", Return_Path="<returns@customer.example>")
    mail = await answer(office, spammer, template="ticket_received", subject="Buy my pills")
    assert mail["To"] == "returns@customer.example"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Subject"] == "[TCK-1] We have your request"
    said = mail.as_string()
    assert "pills" not in said
    assert "Ada" not in said


async def test_the_files_of_an_answer_go_with_it_as_far_as_they_fit(office: Office) -> None:
    ada = await office.member()
    await mailbox(office)
    words = await wrote(office, await office.member())
    small = await office.attach(words, "plan.pdf", b"%PDF")
    large = await office.attach(words, "film.zip", b"x", size=MOST_ATTACHED_BYTES)
    unknown = await office.attach(words, "new.pdf", b"%PDF", scan=ScanResult.PENDING)

    await office.send(await office.stage(ada, message_id=str(words)))

    [mail] = office.server.mails
    assert [(part.get_filename(), part.get_content()) for part in mail.iter_attachments()] == [(small, b"%PDF")]
    assert f"{large}, {unknown}" in text_of(mail)


async def test_an_address_at_which_mail_comes_back_is_not_written_to(office: Office) -> None:
    ada = await office.member()
    async with office.desk.database.transaction(office.desk.tenant_id) as session:
        session.add(MailAddress(tenant_id=office.desk.tenant_id, address=ada.email, undeliverable_since=NOON))
    step = await office.stage(ada)
    about_the_account = await office.stage(ada, about_the_account=True)

    assert await office.send(step) == 0
    assert await office.send(about_the_account) == 1

    assert [(row.status, row.error_code) for row in await office.rows(step)] == [
        (DeliveryStatus.FAILED, "undeliverable")
    ]


async def test_a_ticket_is_written_about_from_the_mailbox_that_it_came_by(office: Office) -> None:
    ada = await office.member()
    await mailbox(office, "paused@acme.example", state=MailboxState.PAUSED)
    await mailbox(office, "support@acme.example")
    sales = await mailbox(office, "sales@acme.example", source=Source.MAILGUN, plus_addressing=False)
    assert (await answer(office, ada))["From"].addresses[0].addr_spec == "support@acme.example"

    await mailed(office, sales, ada, "<first@customer.example>")

    mail = await answer(office, ada)
    assert mail["From"].addresses[0].addr_spec == "sales@acme.example"
    # It knows no addresses with a plus.
    assert mail["Reply-To"] == "sales@acme.example"
    assert office.server.senders[-1] == "sales@acme.example"


async def test_a_mailbox_may_send_by_a_server_of_its_own(office: Office) -> None:
    ada = await office.member()
    async with mail_server() as own:
        own.password = b"secret"
        own.says["DATA"] = RELAY
        account_id = uuid7()
        tenant_id, (host, _, port) = office.desk.tenant_id, own.url.removeprefix("smtp://").partition(":")
        sealed = SECRETS.seal(tenant_id, account_id, "secret")
        there: dict[str, Any] = {"smtp_host": host, "smtp_port": int(port), "smtp_security": Security.NONE}
        await mailbox(office, id=account_id, smtp_username="support", smtp_secret=sealed, **there)
        step = await office.stage(ada)

        assert await office.send(step) == 1

        assert (own.received, office.server.received) == ([ada.email], [])
        assert "<202611291200.12345678901@relay.example>" in await known(office)
        own.password = b"another"
        own.close_connections()
        await eventually(lambda: not own.open, "the connections are closed", within=10)
        refused = await office.stage(ada)
        with pytest.raises(MailServerAway, match="login_refused"):
            await office.send(refused)
        assert [row.error_code for row in await office.rows(refused)] == [PUT_OFF]


async def test_a_tenant_without_a_mailbox_writes_as_ever(office: Office) -> None:
    mail = await answer(office, await office.member())
    assert mail["From"].addresses[0].addr_spec == "no-reply@casewright.example"
    assert mail["Subject"] == "[TCK-1] We have answered: Help"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["References"] is None
    assert "water" not in text_of(mail)


async def test_who_takes_part_from_outside_gets_the_answers_until_removed(office: Office) -> None:
    await mailbox(office)
    tenant_id, ticket_id = office.desk.tenant_id, office.desk.ticket_id
    there, gone = (
        TicketParticipant(tenant_id=tenant_id, ticket_id=ticket_id, address=f"{name}@partner.example", removed_at=left)
        for name, left in (("cyd", None), ("dan", NOON))
    )
    async with office.desk.database.transaction(tenant_id) as session:
        session.add_all([there, gone])
    words = await wrote(office, await office.member())
    step = await office.stage_for_participants(there.id, gone.id, message_id=str(words))

    assert await office.send(step) == 1

    [mail] = office.server.mails
    assert office.server.received == ["cyd@partner.example"]
    assert "Have you tried water?" in text_of(mail)
    assert "http://here" not in text_of(mail)
    assert mail["Auto-Submitted"] is None
    reply_to = mail["Reply-To"].addresses[0].addr_spec
    assert office.addresses.named(reply_to, tenant_id) == Named(ticket_id=ticket_id)
    assert [row.error_code for row in await office.rows(step)] == [None, "recipient_gone"]
