"""The processes that read mails: one that hangs, dies or lacks memory costs one mail its trimming, or that mail."""

import asyncio
import signal
from collections.abc import AsyncIterator

import psutil
import pytest

from activities.mail.readers import Readers
from domain.mail.reading.content import Unreadable
from tests.domain.mail.reading.letters import ARRIVED, file, part, plain, reply, several
from tests.stack.waiting import eventually

HELLO = plain("Hello")
ANSWER = reply("Yes.\n\nOn Fri, Nov 27, 2026 at 4:12 PM Acme <s@acme.example> wrote:\n> Shall we?")

BOMB = plain(
    b"<p>%s<object>%s</object></p>%s"
    % (b"".join(b"<b id=%d>" % number for number in range(900)), b"</b>" * 900, b"<p>word</p>" * 20_000),
    kind="text/html",
)
"""HTML of which each paragraph holds nine hundred elements that were never closed, though it looks as if they were. No
signal is heard while it is cleaned."""

LARGE = several(part(ANSWER.partition(b"\r\n\r\n")[2]), file("a.pdf", b"x" * 8_000_000), subject="Re: Question")

QUOTES = reply("Yes.\n" + ("Op " + "heeft het volgende " * 24 + ":\n") * 2_000)
"""Lines that keep the patterns of introductions busy."""


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    readers = Readers(2)
    yield readers
    await readers.close()


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if _reads(child)]


def _reads(child: psutil.Process) -> bool:
    try:
        return child.status() != psutil.STATUS_ZOMBIE and "activities.mail.reader_child" in child.cmdline()
    except psutil.NoSuchProcess:
        return False


async def test_one_process_reads_many_mails(readers: Readers) -> None:
    for _ in range(20):
        assert (await readers.read(HELLO, arrived_at=ARRIVED)).text == "Hello"
    assert len(children()) == 1


async def test_no_more_processes_than_there_may_be(readers: Readers) -> None:
    mails = await asyncio.gather(*(readers.read(ANSWER, arrived_at=ARRIVED) for _ in range(50)))
    assert {(mail.text, mail.sent_at) for mail in mails} == {("Yes.", mails[0].sent_at)}
    assert len(children()) == 2


async def test_a_mail_that_is_none_is_unreadable(readers: Readers) -> None:
    for raw in (b"", b"\x00" * 100_000, b"\xff\xd8\xff\xe0JFIF", b"\n\n\n"):
        with pytest.raises(Unreadable) as unreadable:
            await readers.read(raw, arrived_at=ARRIVED)
        assert unreadable.value.code == "unreadable"
    assert (await readers.read(HELLO, arrived_at=ARRIVED)).text == "Hello"
    assert len(children()) == 1


async def test_what_hangs_is_read_plainly() -> None:
    readers = Readers(1, within_seconds=4.0)
    try:
        mail = await readers.read(BOMB, arrived_at=ARRIVED)
        assert mail.text.startswith("word\nword")
        assert (mail.html, mail.cut) == (None, ("html",))
    finally:
        await readers.close()


async def test_a_quote_that_hangs_the_trimmer_stays_in_the_mail() -> None:
    readers = Readers(1, within_seconds=2.0)
    try:
        await readers.read(HELLO, arrived_at=ARRIVED)
        before = children()
        mail = await readers.read(QUOTES, arrived_at=ARRIVED)
        assert (mail.quoted, mail.cut) == ("", ("quotes",))
        assert mail.text.startswith("Yes.\nOp heeft")
        assert children() == before, "the process has gone on"
    finally:
        await readers.close()


async def test_a_mail_that_takes_too_long_all_the_same_is_too_slow() -> None:
    readers = Readers(1, within_seconds=0.001)
    try:
        with pytest.raises(Unreadable) as unreadable:
            await readers.read(several(part("Hi"), file("a.pdf", b"x" * 5_000_000)), arrived_at=ARRIVED)
        assert unreadable.value.code == "too_slow"
        assert children() == []
    finally:
        await readers.close()


async def test_a_mail_that_fills_the_memory_is_too_big() -> None:
    readers = Readers(1, memory_bytes=100 * 1024 * 1024)
    try:
        with pytest.raises(Unreadable) as unreadable:
            await readers.read(several(part("Hi"), file("a.pdf", b"x" * 25_000_000)), arrived_at=ARRIVED)
        assert unreadable.value.code == "too_big"
        assert (await readers.read(HELLO, arrived_at=ARRIVED)).text == "Hello"
    finally:
        await readers.close()


async def test_a_large_mail_leaves_no_memory_behind(readers: Readers) -> None:
    mail = await readers.read(several(part("Hi"), file("a.pdf", b"x" * 5_000_000)), arrived_at=ARRIVED)
    assert mail.parts[0].size == 5_000_000
    await eventually(lambda: children() == [], "the process has ended")


async def test_a_reader_that_is_killed_costs_no_mail(readers: Readers) -> None:
    reading = [asyncio.create_task(readers.read(LARGE, arrived_at=ARRIVED)) for _ in range(2)]
    for child in await eventually(lambda: len(children()) == 2 and children(), "both read"):
        child.send_signal(signal.SIGKILL)
    for mail in await asyncio.gather(*reading):
        assert (mail.text, mail.cut) == ("Yes.", ())


async def test_a_reader_that_dies_while_nobody_needs_it_is_not_missed(readers: Readers) -> None:
    await readers.read(HELLO, arrived_at=ARRIVED)
    children()[0].send_signal(signal.SIGKILL)
    assert (await readers.read(HELLO, arrived_at=ARRIVED)).text == "Hello"


async def test_whoever_gives_up_waiting_leaves_no_process_behind(readers: Readers) -> None:
    reading = asyncio.create_task(readers.read(BOMB, arrived_at=ARRIVED))
    await eventually(children, "it reads")
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await eventually(lambda: children() == [], "the process has ended")
    assert (await readers.read(HELLO, arrived_at=ARRIVED)).text == "Hello"


async def test_closing_ends_all_processes(readers: Readers) -> None:
    await asyncio.gather(*(readers.read(HELLO, arrived_at=ARRIVED) for _ in range(4)))
    await readers.close()
    assert children() == []


async def test_only_the_beginning_of_a_mail_that_is_too_large(readers: Readers) -> None:
    raw = several(part("See the film"), file("film.pdf", b"x" * 1_000_000))[: 256 * 1024]
    mail = await readers.read(raw, arrived_at=ARRIVED, whole=False)
    assert (mail.text, mail.cut) == ("See the film", ("size",))
    assert [(one.name, one.refused) for one in mail.parts] == [("film.pdf", "damaged")]
