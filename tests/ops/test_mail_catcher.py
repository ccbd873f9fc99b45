import os
import signal
import smtplib
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from ops.embedded.mail_catcher import Mailbox
from ops.embedded.ports import free_port
from runtime.mailbox import count_receipts, read_mailbox

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _message(message_id: str, text: str = "Bonjour") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Casewright <no-reply@casewright.example>"
    message["To"] = "client@acme.example"
    message["Subject"] = "Votre demande n° 42"
    message["Message-ID"] = message_id
    message.set_content(text)
    return message


def _receive(mailbox: Mailbox, message_id: str, at: datetime = NOON, to: str = "client@acme.example") -> None:
    mailbox.receive(bytes(_message(message_id)), "bounces@casewright.example", [to], at)


def test_a_message_is_kept_as_it_was_sent(tmp_path: Path) -> None:
    _receive(Mailbox(tmp_path), "<1@casewright>")
    [mail] = read_mailbox(tmp_path)
    assert mail.sender == "Casewright <no-reply@casewright.example>"
    assert mail.recipients == ["client@acme.example"]
    assert mail.subject == "Votre demande n° 42"
    assert mail.text.strip() == "Bonjour"
    assert mail.message_id == "<1@casewright>"
    assert mail.received_at == NOON


def test_the_second_receipt_of_a_message_is_counted_only(tmp_path: Path) -> None:
    _receive(Mailbox(tmp_path), "<1@casewright>")
    again = Mailbox(tmp_path)  # As after the catcher was killed.
    _receive(again, "<1@casewright>", NOON + timedelta(minutes=1))
    _receive(again, "<2@casewright>", NOON + timedelta(minutes=2))
    assert [mail.message_id for mail in read_mailbox(tmp_path)] == ["<2@casewright>", "<1@casewright>"]
    assert count_receipts(tmp_path) == {"<1@casewright>": 2, "<2@casewright>": 1}


def test_messages_without_an_id_differ_by_their_content(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    for text in (b"one", b"two", b"one"):
        mailbox.receive(b"Subject: none\r\n\r\n" + text, "", ["a@acme.example"], NOON)
    assert sorted(mail.text for mail in read_mailbox(tmp_path)) == ["one", "two"]


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path, kept=3)
    for minute in range(5):
        _receive(mailbox, f"<{minute}@casewright>", NOON + timedelta(minutes=minute))
    assert [mail.message_id[1] for mail in read_mailbox(tmp_path)] == ["4", "3", "2"]


def test_a_mailbox_can_be_read_by_recipient_and_in_part(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    for minute, who in enumerate(["a", "b", "a", "a"]):
        _receive(mailbox, f"<{minute}@casewright>", NOON + timedelta(minutes=minute), f"{who}@acme.example")
    found = read_mailbox(tmp_path, recipient="A@acme.example", limit=2)
    assert [mail.message_id[1] for mail in found] == ["3", "2"]


def test_a_mailbox_can_be_read_by_what_its_mails_are_about(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    for number in (1, 2):
        content = f"Message-ID: <{number}@casewright>\r\nSubject: [TCK-{number}] Closed\r\n\r\n".encode()
        mailbox.receive(content, "a@b.example", ["c@d.example"], NOON)
    assert [mail.message_id for mail in read_mailbox(tmp_path, subject="TCK-2")] == ["<2@casewright>"]


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: text/plain; charset=no-such\r\n\r\nhello",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\nno parts",
        b"Message-ID: <a@b\r\nFrom: \xff\xfe\r\n\r\n\xff",
        b"",
    ],
)
def test_a_malformed_message_is_caught_all_the_same(tmp_path: Path, content: bytes) -> None:
    Mailbox(tmp_path).receive(content, "a@b.example", ["c@d.example"], NOON)
    [mail] = read_mailbox(tmp_path)
    assert mail.recipients == ["c@d.example"]


def test_an_empty_home_has_no_mail(tmp_path: Path) -> None:
    assert read_mailbox(tmp_path) == []
    assert count_receipts(tmp_path) == {}


def test_the_server_takes_mail_and_ends_on_sigterm(tmp_path: Path) -> None:
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CASEWRIGHT_")},
        "CASEWRIGHT_HOME": str(tmp_path),
        "CASEWRIGHT_SMTP_CATCHER_PORT": str(port),
    }
    with subprocess.Popen([sys.executable, "-m", "ops.main", "mail-catcher"], env=environment) as server:
        try:
            with _connected(server, port) as client:
                client.send_message(_message("<1@casewright>", "ü"))
                client.send_message(_message("<1@casewright>", "ü"), to_addrs=["hidden@acme.example"])
            [mail] = read_mailbox(tmp_path)
            assert mail.text.strip() == "ü"
            assert count_receipts(tmp_path) == {"<1@casewright>": 2}
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0


def _connected(server: subprocess.Popen[bytes], port: int) -> smtplib.SMTP:
    deadline = time.monotonic() + 20
    while True:
        try:
            return smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=5)
        except ConnectionRefusedError:
            assert server.poll() is None, "the mail catcher has ended"
            assert time.monotonic() < deadline, "the mail catcher does not listen"
            time.sleep(0.05)
