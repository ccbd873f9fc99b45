"""Talking to a mail server: which connection a message takes, and what the server's refusals mean."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

import aiosmtplib
import pytest

from activities.mail.connections import MailConnections, greeted
from activities.mail.message import Attachment, Letter
from activities.mail.smtp import Mailer, MailError, MailServerAway, PermanentMailError
from activities.mail.templates import MailTemplates
from domain.company import Company
from tests.activities.mail.server import MailServer, mail_server
from tests.stack.waiting import eventually

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
SENDER = "Casewright <no-reply@casewright.example>"


USUAL: dict[str, Any] = {
    "html": "<p>Hello</p>",
    "sender": Company("Test"),
    "message_id": "<1@here>",
    "at": NOON,
    "correlation_id": "c",
}
TO_ADA: dict[str, Any] = {"to": "ada@test.example", "subject": "Hello", "body": "Hello"}


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
def mailer(server: MailServer) -> Mailer:
    return Mailer(server.url, SENDER)


async def send(mailer: Mailer, to: str = "ada@test.example", body: str = "Hello", subject: str = "Hello") -> None:
    await mailer.send(Letter(to=to, subject=subject, body=body, **USUAL))


async def test_one_connection_serves_one_message_after_the_other(server: MailServer, mailer: Mailer) -> None:
    for name in ("ada", "ben", "cyd"):
        await send(mailer, f"{name}@test.example")
    assert server.received == ["ada@test.example", "ben@test.example", "cyd@test.example"]
    assert server.connections == 1


async def test_messages_at_once_have_connections_of_their_own(server: MailServer, mailer: Mailer) -> None:
    server.takes.clear()
    sending = [asyncio.create_task(send(mailer, f"{name}@test.example")) for name in ("ada", "ben")]
    await eventually(lambda: server.connections == 2, "both are being sent", within=10)
    server.takes.set()
    await asyncio.gather(*sending)
    assert sorted(server.received) == ["ada@test.example", "ben@test.example"]


async def test_nobody_notices_that_the_server_has_closed_the_connection(server: MailServer, mailer: Mailer) -> None:
    await send(mailer)
    server.close_connections()
    await send(mailer, "ben@test.example")
    await eventually(lambda: len(server.open) == 1, "the first is closed", within=10)
    server.close_connections()
    await eventually(lambda: not server.open, "the second is closed", within=10)
    await send(mailer, "cyd@test.example")
    assert server.received == ["ada@test.example", "ben@test.example", "cyd@test.example"]


@pytest.mark.parametrize("enough", ["421 Too many messages", "451 4.7.0 Too many messages", "550 5.7.0 Too many"])
async def test_a_server_may_have_had_enough_of_a_connection(server: MailServer, mailer: Mailer, enough: str) -> None:
    await send(mailer)
    server.enough = enough
    await send(mailer, "ben@test.example")
    assert server.received == ["ada@test.example", "ben@test.example"]
    assert server.connections == 2


async def test_a_message_that_the_server_has_seen_is_not_sent_a_second_time(server: MailServer, mailer: Mailer) -> None:
    await send(mailer)
    server.hangs_up = True
    with pytest.raises(MailError):
        await send(mailer, "ben@test.example")
    assert server.received == ["ada@test.example", "ben@test.example"]


async def test_a_connection_that_nobody_needs_is_closed(server: MailServer) -> None:
    host, _, port = server.url.removeprefix("smtp://").partition(":")

    def client() -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(hostname=host, port=int(port))

    connections = MailConnections(lambda: greeted(client()), kept_seconds=0.01)
    connections.keep(await connections.open())
    await eventually(lambda: not server.open, "the connection is closed", within=10)
    assert connections.kept() is None


@pytest.mark.parametrize(
    "refusal",
    [
        {"greeting": "554 No service here"},
        {"greeting": "421 Come back later"},
        {"EHLO": "550 Who are you?", "HELO": "550 Who are you?"},
    ],
)
async def test_a_server_that_does_not_want_to_talk_to_us_has_refused_no_message(
    server: MailServer, mailer: Mailer, refusal: dict[str, str]
) -> None:
    server.says = refusal
    with pytest.raises(MailServerAway):
        await send(mailer)
    with pytest.raises(MailServerAway):
        await mailer.greet()
    server.says = {}
    await send(mailer)
    await mailer.greet()
    assert server.received == ["ada@test.example"]


async def test_a_server_that_only_knows_helo_is_talked_to(server: MailServer, mailer: Mailer) -> None:
    server.says = {"EHLO": "502 Not implemented"}
    await send(mailer)
    assert server.received == ["ada@test.example"]


@pytest.mark.parametrize(
    ("says", "failure", "told"),
    [
        ({"ada@test.example": "550 No such user"}, PermanentMailError, "recipient_refused"),
        ({"ada@test.example": "450 Mailbox busy"}, MailError, "the recipient for now (450)"),
        ({"MAIL": "552 Too large"}, PermanentMailError, "message_refused"),
        ({"DATA": "554 Looks like spam"}, PermanentMailError, "message_refused"),
        ({"DATA": "452 Disk full"}, MailError, "the message for now (452)"),
    ],
)
async def test_what_a_refusal_means(
    server: MailServer, mailer: Mailer, says: dict[str, str], failure: type[Exception], told: str
) -> None:
    server.says = says
    with pytest.raises(failure) as refused:
        await send(mailer)
    assert told in str(refused.value)
    assert not isinstance(refused.value, MailServerAway)
    assert "ada@" not in str(refused.value)
    server.says = {}
    await send(mailer)


async def test_nobody_there_is_a_passing_failure() -> None:
    with pytest.raises(MailServerAway):
        await send(Mailer("smtp://127.0.0.1:1", SENDER))


async def test_a_server_that_says_nothing_is_not_waited_for(server: MailServer) -> None:
    server.takes.clear()
    with pytest.raises(MailError):
        await send(Mailer(server.url, SENDER, data_seconds=0.05))


async def test_words_arrive_as_they_were_written(server: MailServer, mailer: Mailer) -> None:
    body = "Ça va ?\n.\nمرحبا — " + "x" * 2000 + "\n"
    await mailer.send(
        Letter(
            to="ada@test.example",
            subject="Réponse à votre demande n° 42",
            body=body,
            **USUAL,
            attachments=[Attachment("devis n° 1.pdf", "application/pdf", b"%PDF\r\n.\r\n\xff")],
        )
    )
    [mail] = server.mails
    words, paper = mail.iter_parts()
    text, html = words.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == body
    assert (html.get_content_type(), html.get_content().strip()) == ("text/html", USUAL["html"])
    assert (paper.get_filename(), paper.get_content()) == ("devis n° 1.pdf", b"%PDF\r\n.\r\n\xff")
    assert mail["Subject"] == "Réponse à votre demande n° 42"
    assert mail["Message-ID"] == "<1@here>"
    assert mail["Date"].datetime == NOON


async def test_an_address_in_any_script_is_written_to_where_the_server_can(server: MailServer, mailer: Mailer) -> None:
    await send(mailer, "ada@bücher.example", body="für dich")
    assert server.received == ["ada@bücher.example"]
    server.utf8 = False
    with pytest.raises(PermanentMailError) as refused:
        await send(Mailer(server.url, SENDER), "ada@bücher.example")
    assert refused.value.code == "address_not_supported"
    server.utf8 = True
    await send(Mailer(server.url, "Café <réception@café.example>"))
    [writer] = server.mails[-1]["From"].addresses
    # The library's parser keeps what is not ASCII as the bytes that it was.
    assert writer.addr_spec.encode(errors="surrogateescape").decode() == "réception@café.example"


async def test_a_company_writes_in_its_own_name_and_is_answered_at_its_own_address(
    server: MailServer, mailer: Mailer
) -> None:
    sender = Company('Crème & "Cie", S.A.R.L.', email="desk@acme.example")
    await mailer.send(Letter(**TO_ADA, **USUAL | {"sender": sender}))
    [mail] = server.mails
    [writer] = mail["From"].addresses
    assert (writer.display_name, writer.addr_spec) == ('Crème & "Cie", S.A.R.L.', parseaddr(SENDER)[1])
    assert mail["Reply-To"] == "desk@acme.example"


@pytest.mark.parametrize("email", [None, "ask us", "desk@acme.example\r\nBcc: all@acme.example", "büro@acme.example"])
async def test_what_is_no_address_is_not_answered_to(server: MailServer, mailer: Mailer, email: str | None) -> None:
    await mailer.send(Letter(**TO_ADA, **USUAL | {"sender": Company("Acme", email=email)}))
    [mail] = server.mails
    assert mail["Reply-To"] is None
    assert mail["Bcc"] is None


@pytest.mark.parametrize(
    "subject",
    [
        "[KYC-20261214-00001] À décider : vérification d’identité à examiner",
        "[TCK-20261129-00002] Nous avons reçu votre demande : " + "où à l’école été " * 20 + "!",
        "طلبكم رقم 42 — Demande n° 42",
    ],
)
async def test_a_subject_keeps_its_spaces(server: MailServer, mailer: Mailer, subject: str) -> None:
    await send(mailer, subject=subject)
    assert server.mails[0]["Subject"] == subject


@pytest.mark.parametrize("line_end", ["\r", "\x0b", "\x85", "\u2028"])
async def test_a_subject_is_one_line_whatever_people_write(server: MailServer, mailer: Mailer, line_end: str) -> None:
    facts = {"number": "TCK-1", "subject": f"Help{line_end}me", "name": "Ada", "link": "http://here", "tenant": "Test"}
    mail = MailTemplates().render("ticket_answered", "en", "UTC", facts, sender=USUAL["sender"])
    await send(mailer, subject=mail.subject, body=mail.body)
    assert server.mails[0]["Subject"] == "[TCK-1] We have answered: Help me"
