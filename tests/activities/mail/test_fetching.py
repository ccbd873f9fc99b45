"""Mails of a real IMAP server are each kept once, before they are flagged, whatever happens in between."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from activities.mail.fetching import Pace
from domain.mail.fetching import Ended
from domain.mail.states import After, MailboxState, MailState, Start, Waits
from models.database import Database
from models.mail import MailAccount
from stores.mail.keeping import leave_server
from tests.activities.mail.imap import RealImap, Way, way_to
from tests.activities.mail.mailbox import AT_ONCE, Mailbox, new_mailbox
from tests.stack.waiting import eventually

MOST_COMMANDS = 40


async def test_a_mail_is_kept_as_it_came_and_flagged(database: Database, imap: RealImap) -> None:
    box = await new_mailbox(database, imap.home, imap.port)
    sent = imap.send(3)
    fetched = await box.fetch()
    assert (fetched.ended, fetched.kept) == (Ended.IN_TIME, 3)
    assert sorted(await box.raws()) == sorted(sent)
    [first, *_] = await box.mails()
    assert (first.state, first.folder, first.uid) == (MailState.RECEIVED, "INBOX", 1)
    assert first.raw_size == len((await box.raws())[0])
    assert imap.flags() == ["S", "S", "S"]
    row = await box.row()
    assert (row.state, row.waits, row.last_uid, row.last_error) == (MailboxState.ACTIVE, Waits.SERVER, 3, None)
    assert [standing.last_uid for standing in box.told] == [3]
    assert (await box.fetch()).kept == 0


@pytest.mark.parametrize("after", [False, True], ids=["before it is heard", "before it is answered"])
async def test_a_connection_may_be_cut_at_every_command(database: Database, imap: RealImap, after: bool) -> None:
    async with way_to(imap) as way:
        box = await new_mailbox(database, imap.home, way.port)
        way.after = after
        way.seen = _nothing_is_flagged_before_it_is_kept(box)
        sent = list[bytes]()
        for command in range(1, MOST_COMMANDS):
            sent += imap.send(2)
            way.cut_at = command
            await box.fetch()
            if not way.was_cut:
                break
        else:
            raise AssertionError("it never came to an end")
    assert command > 8
    assert sorted(await box.raws()) == sorted(sent)
    assert box.stored() == {mail.raw_key for mail in await box.mails()}
    assert set(imap.flags()) == {"S"}


async def test_a_mail_that_the_server_does_not_give_keeps_no_other_waiting(database: Database, imap: RealImap) -> None:
    async with way_to(imap) as way:
        box = await new_mailbox(database, imap.home, way.port, after=After.DELETE)
        sent = imap.send(4)
        way.refuses = re.compile(r"UID FETCH (\S+,)?2\b.*BODY|UID FETCH 1:\S+ .*BODY")
        assert (await box.fetch()).kept == 4
        mails = await box.mails()
        assert [mail.raw_key is None for mail in mails] == [False, True, False, False]
        given = {await box.bytes_of(mail.raw_key) for mail in mails if mail.raw_key}
        assert len(given) == 3
        assert given < set(sent)
        assert len(imap.flags()) == 1, "what was not kept is not deleted"
        assert (await box.fetch()).kept == 0
        assert len(imap.flags()) == 1, "nor tidied up at the next turn"


async def test_a_server_that_gives_nothing_for_now_is_tried_again(database: Database, imap: RealImap) -> None:
    async with way_to(imap) as way:
        box = await new_mailbox(database, imap.home, way.port)
        sent = imap.send(3)
        way.refuses = re.compile(r"UID FETCH .*BODY")
        fetched = await box.fetch()
        assert fetched.standing
        assert (fetched.ended, fetched.kept, fetched.standing.last_error) == (Ended.FAILED, 0, "server_refused")
        assert await box.mails() == []
        way.refuses = None
        assert (await box.fetch()).kept == 3
        assert sorted(await box.raws()) == sorted(sent)


def _nothing_is_flagged_before_it_is_kept(box: Mailbox) -> Callable[[str], Awaitable[None]]:
    async def look(command: str) -> None:
        assert not command.startswith("EXPUNGE")
        if found := re.match(r"UID (STORE|MOVE|EXPUNGE) ([\d:,]+)", command):
            kept = {mail.uid for mail in await box.mails()}
            assert set(_uids(found[2])) <= kept

    return look


def _uids(text: str) -> list[int]:
    ranges = [each.partition(":") for each in text.split(",")]
    return [uid for first, _, last in ranges for uid in range(int(first), int(last or first) + 1)]


async def test_uids_that_change_their_meaning_midway_double_nothing(database: Database, imap: RealImap) -> None:
    async with way_to(imap) as way:
        box = await new_mailbox(database, imap.home, way.port)
        sent = imap.send(70)

        async def forget_once(command: str) -> None:
            if command.startswith("UID STORE") and way.cut_at is None:
                way.cut_at = len(way.commands)
                imap.forget_uids()

        way.seen = forget_once
        await box.fetch()
        kept_before = len(await box.mails())
        way.cut_at, way.seen = 1000, _nothing_is_flagged_before_it_is_kept(box)
        sent += imap.send(5)
        while (await box.fetch()).kept:
            pass
    assert 0 < kept_before < 70
    assert sorted(await box.raws()) == sorted(sent)
    assert box.stored() == {mail.raw_key for mail in await box.mails()}
    assert len({mail.uid_validity for mail in await box.mails()}) == 1


async def test_two_workers_at_once_keep_each_mail_once(database: Database, imap: RealImap) -> None:
    box = await new_mailbox(database, imap.home, imap.port)
    sent = imap.send(55)
    turns = await asyncio.gather(box.fetch(), box.fetch(), box.fetch())
    while (await box.fetch()).kept:
        pass
    assert sum(turn.kept for turn in turns) <= 55
    assert sorted(await box.raws()) == sorted(sent)
    assert box.stored() == {mail.raw_key for mail in await box.mails()}


async def test_one_that_was_held_up_goes_on_after_another_has_taken_over(database: Database, imap: RealImap) -> None:
    async with way_to(imap) as way:
        box, held, goes_on = await new_mailbox(database, imap.home, way.port), asyncio.Event(), asyncio.Event()
        sent = imap.send(10)

        async def hold(command: str) -> None:
            if "FETCH" in command and "BODY" in command and not held.is_set():
                held.set()
                await goes_on.wait()

        way.seen = hold
        first = asyncio.create_task(box.fetch())
        await held.wait()
        second = await box.fetch()
        sent += imap.send(3)
        goes_on.set()
        await first
        await box.fetch()
    assert second.kept == 10
    assert sorted(await box.raws()) == sorted(sent)


async def test_new_mail_is_heard_of_and_kept_while_it_waits(database: Database, imap: RealImap) -> None:
    box = await new_mailbox(database, imap.home, imap.port)
    turn = asyncio.create_task(box.fetch(Pace(turn_seconds=60, looks_every_seconds=60)))
    try:
        await eventually(lambda: _waits(box), "it waits")
        imap.send()
        await eventually(lambda: _kept(box, 1), "it is kept", within=15)
    finally:
        turn.cancel()
        await asyncio.gather(turn, return_exceptions=True)


async def test_what_comes_while_others_are_flagged_is_not_waited_for(database: Database, imap: RealImap) -> None:
    """The server tells of it beside another answer, and not again to whoever begins to wait then."""
    async with way_to(imap) as way:
        box = await new_mailbox(database, imap.home, way.port)
        more = 5

        async def send_another(command: str) -> None:
            nonlocal more
            if more and (command.startswith("UID STORE") or "SEARCH" in command or command == "IDLE"):
                more -= 1
                imap.send()

        way.seen = send_another
        imap.send()
        turn = asyncio.create_task(box.fetch(Pace(turn_seconds=60, looks_every_seconds=60)))
        try:
            await eventually(lambda: _kept(box, 6), "all are kept", within=20)
        finally:
            turn.cancel()
            await asyncio.gather(turn, return_exceptions=True)


async def test_without_idle_it_looks_every_so_often(database: Database, imap: RealImap) -> None:
    async with way_to(imap) as way:
        way.idle = False
        box = await new_mailbox(database, imap.home, way.port)
        turn = asyncio.create_task(box.fetch(Pace(turn_seconds=60, without_idle_seconds=0.2)))
        try:
            await eventually(lambda: _waits(box, Waits.NEXT_LOOK), "it waits")
            imap.send()
            await eventually(lambda: _kept(box, 1), "it is kept", within=15)
        finally:
            turn.cancel()
            await asyncio.gather(turn, return_exceptions=True)


async def _waits(box: Mailbox, waits: Waits = Waits.SERVER) -> bool:
    row = await box.row()
    return row.waits is waits and row.last_looked_at is not None


async def _kept(box: Mailbox, count: int) -> bool:
    return len(await box.mails()) == count


async def test_what_came_between_connecting_and_the_first_look_is_read(database: Database, imap: RealImap) -> None:
    box = await new_mailbox(database, imap.home, imap.port, start=Start.NOW)
    sent = imap.send(2)
    await box.fetch()
    assert sorted(await box.raws()) == sorted(sent)


async def test_from_now_on_only_what_comes_is_read(database: Database, imap: RealImap) -> None:
    imap.send(2)
    _make_old(imap)
    box = await new_mailbox(database, imap.home, imap.port, start=Start.NOW)
    assert (await box.fetch()).kept == 0
    [new] = imap.send()
    await box.fetch()
    assert await box.raws() == [new]
    imap.forget_uids()
    await box.fetch()
    assert await box.raws() == [new]


async def test_since_a_day(database: Database, imap: RealImap) -> None:
    since = datetime.now(UTC) - timedelta(days=3)
    box = await new_mailbox(database, imap.home, imap.port, start=Start.SINCE, since=since)
    imap.send(2)
    _make_old(imap)
    recent = imap.send(2)
    await box.fetch()
    assert sorted(await box.raws()) == sorted(recent)


def _make_old(imap: RealImap) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=10)).timestamp()
    for path in (imap.maildir / "new").iterdir():
        os.utime(path, (long_ago, long_ago))


async def test_a_mail_that_is_too_large_is_read_in_part(database: Database, imap: RealImap) -> None:
    box = await new_mailbox(database, imap.home, imap.port, size_limit=100_000)
    [large] = imap.send(size=900_000)
    [small] = imap.send()
    await box.fetch()
    one, other = sorted(await box.mails(), key=lambda mail: -mail.raw_size)
    assert (one.too_large, one.raw_size) == (True, len(large))
    part = await box.bytes_of(one.raw_key or "")
    assert large.startswith(part)
    assert 256 * 1024 <= len(part) < 300_000
    assert (other.too_large, await box.bytes_of(other.raw_key or "")) == (False, small)


async def test_kept_mails_are_moved_into_a_folder_that_is_made(database: Database, imap: RealImap) -> None:
    async with way_to(imap) as way:
        way.seen = _nothing_is_flagged_before_it_is_kept(box := await _moving(database, imap, way))
        imap.send(3)
        await box.fetch()
        assert (imap.in_folder("Done"), imap.flags()) == (3, [])


async def _moving(database: Database, imap: RealImap, way: Way) -> Mailbox:
    return await new_mailbox(database, imap.home, way.port, after=After.MOVE, move_to="Done")


@pytest.mark.parametrize(("after", "left"), [(After.DELETE, []), (After.LEAVE, ["", ""])])
async def test_what_is_done_afterwards(database: Database, imap: RealImap, after: After, left: list[str]) -> None:
    box = await new_mailbox(database, imap.home, imap.port, after=after)
    imap.send(2)
    await box.fetch()
    assert [flags.replace("2,", "") for flags in imap.flags()] == left
    assert len(await box.mails()) == 2


async def test_a_turn_ends_when_the_mailbox_was_changed(database: Database, imap: RealImap) -> None:
    async with way_to(imap) as way:
        box = await new_mailbox(database, imap.home, way.port)
        imap.send(2)

        async def pause(command: str) -> None:
            if "BODY" in command:
                await box.change(state=MailboxState.PAUSED)

        way.seen = pause
        assert (await box.fetch()).ended is Ended.IN_TIME
        assert await box.mails() == []
        assert (await box.fetch()).ended is Ended.AT_REST
        await box.change(state=MailboxState.ACTIVE)
        way.seen = _nothing_is_flagged_before_it_is_kept(box)
        assert (await box.fetch(AT_ONCE)).kept == 2


async def test_a_server_that_moves_doubles_nothing(database: Database, imap: RealImap) -> None:
    """As when an administrator gives the mailbox another host, which has the same mails under other UIDs."""
    box = await new_mailbox(database, imap.home, imap.port)
    sent = imap.send(3)
    await box.fetch()
    imap.forget_uids()
    async with database.transaction(box.ref.tenant_id) as session:
        account = await session.get_one(MailAccount, box.ref.account_id)
        await leave_server(session, account)
        account.host, account.again_since = "localhost", datetime.now(UTC) - timedelta(days=7)
        account.uid_validity, account.last_uid, account.from_uid = None, 0, None
    sent += imap.send()
    assert (await box.fetch()).kept == 1
    assert sorted(await box.raws()) == sorted(sent)
