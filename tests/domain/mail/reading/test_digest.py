"""The second key of a mail: the same for each of its copies, another one for every other mail."""

from datetime import timedelta

import pytest

from domain.mail.reading.reader import read
from tests.domain.mail.reading.corpus import LETTERS
from tests.domain.mail.reading.letters import ARRIVED, Letter, part, plain, reply, several

MAIL = plain("Où est ma commande ?\nAda")
LATER = ARRIVED + timedelta(minutes=5)


def digest(raw: bytes, arrived: int = 0) -> str:
    return read(raw, arrived_at=ARRIVED + timedelta(minutes=arrived)).digest


@pytest.mark.parametrize("letter", [one for one in LETTERS if b"\nMessage-ID" in one.raw], ids=lambda one: one.kind)
def test_a_copy_that_took_another_way_has_the_same(letter: Letter) -> None:
    trace = (
        b"Return-Path: <list@relay.example>\r\nReceived: from relay.example\r\n\tby mx.acme.example; 28 Nov 2026\r\n"
    )
    copy = trace + letter.raw
    assert digest(copy, arrived=5) == digest(letter.raw)


@pytest.mark.parametrize(
    "copy",
    [
        MAIL.replace(b"\r\n", b"\n"),
        plain("O=C3=B9 est ma=\n commande ?\nAda", encoding="quoted-printable"),
        plain("T8O5IGVzdCBtYSBjb21tYW5kZSA/DQpBZGE=", encoding="base64"),
        plain("Où est ma commande ?\nAda".encode("latin-1"), kind="text/plain; charset=iso-8859-1"),
        MAIL.replace(b"Subject: Question", b"Subject: =?utf-8?q?Question?="),
        MAIL.replace(b"From: Ada Byron <", b"From: =?utf-8?q?Ada?= Byron <"),
        MAIL + b"\r\n\r\n",
    ],
)
def test_a_copy_that_a_server_wrote_anew_has_the_same(copy: bytes) -> None:
    assert copy != MAIL
    assert digest(copy) == digest(MAIL)


@pytest.mark.parametrize(
    "other",
    [
        MAIL.replace(b"<one@", b"<two@"),
        MAIL.replace(b"commande", b"facture"),
        MAIL.replace(b"Subject: Question", b"Subject: Answer"),
        MAIL.replace(b"Date: Sat, 28 Nov 2026 10:00:00", b"Date: Sat, 28 Nov 2026 10:00:01"),
        MAIL.replace(b"ada@example.com", b"eve@example.com"),
    ],
)
def test_another_mail_has_another_one(other: bytes) -> None:
    assert other != MAIL
    assert digest(other) != digest(MAIL)


def test_without_a_message_id_it_is_the_time_at_which_it_came() -> None:
    nameless = MAIL.replace(b"Message-ID: <one@example.com>\r\n", b"")
    assert digest(nameless) == digest(nameless)
    assert digest(nameless) != digest(nameless, arrived=1)


def test_it_does_not_depend_on_what_is_trimmed_or_shown() -> None:
    answer = reply("Yes.\n\nOn Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:\n> Shall we?")
    page = several(part("<p>Hello</p>", "text/html"), kind="alternative")
    for raw in (answer, page):
        fully, plainly = (read(raw, arrived_at=ARRIVED, plain=one) for one in (False, True))
        assert fully.digest == plainly.digest
        assert (fully.text, fully.html) != (plainly.text, plainly.html)
