"""Takes up the mails that have come: each is read, decided about and written down in one transaction, and then its
ticket is asked. Nothing is done twice, whoever dies when, and however many do it at once: the row of a mail is locked
by whoever decides about it, and says what was decided."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import col
from temporalio import activity

from activities.mail.arrived import Arrived, Judge, Reader, Waiting, waiting_mails
from activities.mail.bounces import take_report
from activities.mail.facts import claim, gather
from activities.mail.giving_way import GivingWay, InHand
from activities.mail.keeping import NONE, Attachments, has_files, keep
from activities.mail.slow_work import beating
from activities.mail.writing import note_content, write
from domain.mail.deciding import outcome
from domain.mail.mailbox import MailboxRef
from domain.mail.reading.content import Unreadable
from domain.mail.reply_addresses import ReplyAddresses
from domain.mail.states import MailState
from domain.mail_matters.rules import MatterAbout
from models.cases import CommandRow
from models.database import Database
from models.mail import Mail
from stores.files.scanner import VirusScanner
from stores.files.storage import FileStorage
from stores.mail.house import House, house_of
from stores.mail.matters import raise_matter

MAILS_AT_ONCE = 100
READING_AT_ONCE = 4
TRIES = 3
"""So often a mail is taken up again that its ticket has refused."""

Carry = Callable[[CommandRow], Awaitable[bool]]
"""Asks a case's workflow to carry out a command; whether it has answered. The sweep carries what has not."""

log = structlog.get_logger(__name__)


class ArrivalActivities:
    def __init__(
        self,
        database: Database,
        files: FileStorage,
        scanner: VirusScanner,
        reader: Reader,
        judge: Judge,
        addresses: ReplyAddresses,
        carry: Carry,
        way: GivingWay | None = None,
    ) -> None:
        self._database, self._files, self._scanner = database, files, scanner
        self._reader, self._judge, self._addresses, self._carry = reader, judge, addresses, carry
        self._way = way or GivingWay()
        self._reading = asyncio.Semaphore(READING_AT_ONCE)

    @activity.defn(name="mail.read_arrived")
    async def read_arrived(self, mailbox: MailboxRef) -> int:
        """Takes up all that a mailbox has got; returns how many mails it settled. Raises StorageAway."""
        async with beating():
            return await self.take_up(mailbox)

    async def take_up(self, mailbox: MailboxRef) -> int:
        """As `read_arrived`, outside of an activity."""
        settled, tries = 0, Counter[UUID]()
        while page := await self._next(mailbox, tries):
            house, waiting = page
            tries.update(each.mail_id for each in waiting)
            with self._way.turn() as in_hand:
                settled += await self._take_up_in_turn(house, waiting, in_hand)
        return settled

    async def _next(self, mailbox: MailboxRef, tries: Counter[UUID]) -> tuple[House, list[Waiting]] | None:
        """Some mails that wait, with what matters for each of them; None when none do."""
        given_up = {mail_id for mail_id, count in tries.items() if count >= TRIES}
        async with self._database.transaction(mailbox.tenant_id) as session:
            waiting = await waiting_mails(session, mailbox.account_id, MAILS_AT_ONCE, given_up)
            return (await house_of(session, mailbox.tenant_id), waiting) if waiting else None

    async def _take_up_in_turn(self, house: House, waiting: Iterable[Waiting], in_hand: InHand) -> int:
        """Reads mails side by side and settles each when those before it are settled that it must not overtake: of its
        sender, and of its ticket."""
        before: dict[str, asyncio.Task[bool]] = {}
        settling: list[asyncio.Task[bool]] = []
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = [(each, tasks.create_task(self._read(each, in_hand))) for each in waiting]
                for each, read in reading:
                    arrived = await read
                    if isinstance(arrived, Unreadable):
                        settling.append(tasks.create_task(self._fail(each, arrived.code, in_hand)))
                        continue
                    ahead = {before[turn] for turn in arrived.turns if turn in before}
                    task = tasks.create_task(self._settle_after(ahead, arrived, house, in_hand))
                    settling.append(task)
                    before |= dict.fromkeys(arrived.turns, task)
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None
        return sum(task.result() for task in settling)

    async def _read(self, waiting: Waiting, in_hand: InHand) -> Arrived | Unreadable:
        """Holds a place among those in hand, which settling gives back."""
        await in_hand.take()
        try:
            async with self._reading:
                raw = await self._bytes(waiting)
                if raw is None:
                    return Unreadable("bytes_missing")
                read = await self._reader.read(raw, arrived_at=waiting.received_at, whole=not waiting.too_large)
                verdict, because = await self._judge(raw, read, waiting.authserv_id)
                return Arrived(waiting, read, verdict, because)
        except Unreadable as unreadable:
            return unreadable
        except BaseException:
            in_hand.give_back()
            raise

    async def _bytes(self, waiting: Waiting) -> bytes | None:
        if waiting.raw_key is None:
            return None
        try:
            chunks = await self._files.get(waiting.raw_key, 0, max(waiting.raw_size, 1))
        except FileNotFoundError:
            return None
        return b"".join([chunk async for chunk in chunks])

    async def _settle_after(
        self, ahead: set[asyncio.Task[bool]], arrived: Arrived, house: House, in_hand: InHand
    ) -> bool:
        try:
            if ahead:
                await asyncio.wait(ahead)
            return await self._settle(arrived, house)
        finally:
            in_hand.give_back()

    async def _settle(self, arrived: Arrived, house: House) -> bool:
        """Decides about a mail and has its ticket asked; False when somebody else has."""
        try:
            commands = await self._decide(arrived, house)
        except (IntegrityError, DataError, ValueError, LookupError, TypeError) as defect:
            # What nobody has thought of must not keep the next mails from being read.
            log.error("mail_undecided", mail_id=str(arrived.waiting.mail_id), cause=type(defect).__name__)
            return await self._give_up(arrived.waiting, "undecided")
        for command in commands or ():
            with self._way.carries(command.id):
                await self._carry(command)
        return commands is not None

    async def _decide(self, arrived: Arrived, house: House) -> list[CommandRow] | None:
        try:
            return await self._decide_once(arrived, house)
        except IntegrityError:
            # Somebody else has written the same in that moment: once more, with that in sight.
            return await self._decide_once(arrived, house)

    async def _decide_once(self, arrived: Arrived, house: House) -> list[CommandRow] | None:
        decided = await self._write(arrived, house, None)
        if isinstance(decided, _WantsFiles):
            raw = await self._bytes(arrived.waiting)
            tenant_id = arrived.waiting.tenant_id
            kept = await keep(self._files, self._scanner, tenant_id, raw, arrived.read.parts) if raw else NONE
            decided = await self._write(arrived, house, kept)
        return None if isinstance(decided, _WantsFiles) else decided

    async def _write(
        self, arrived: Arrived, house: House, attachments: Attachments | None
    ) -> "list[CommandRow] | _WantsFiles | None":
        """One transaction: locks, decides, writes. Where attachments are to be kept first, nothing is written."""
        async with self._database.transaction(arrived.waiting.tenant_id) as session:
            claimed = await claim(session, arrived)
            if claimed is None:
                return None
            mail, original = claimed
            with session.no_autoflush:
                if original is None and not arrived.read.reports:
                    facts = await gather(session, arrived, mail, house, self._addresses)
                    settled = outcome(facts.seen)
                    if settled.way is not None and attachments is None and has_files(arrived.read):
                        return _WantsFiles()
            note_content(mail, arrived)
            if original:
                mail.duplicate_of, mail.state, mail.settled_at = original, MailState.DUPLICATE, datetime.now(UTC)
                await session.flush()
                return []
            if arrived.read.reports:
                return await take_report(session, arrived, mail, self._addresses)
            return await write(session, arrived, facts, settled, attachments or NONE)

    async def _fail(self, waiting: Waiting, code: str, in_hand: InHand) -> bool:
        try:
            return await self._give_up(waiting, code)
        finally:
            in_hand.give_back()

    async def _give_up(self, waiting: Waiting, code: str) -> bool:
        """Nothing can be made of a mail: somebody of the staff is to look at it."""
        now = datetime.now(UTC)
        async with self._database.transaction(waiting.tenant_id) as session:
            failed = await session.scalar(
                sa.update(Mail)
                .where(col(Mail.id) == waiting.mail_id, col(Mail.state) == MailState.RECEIVED)
                .values(state=MailState.FAILED, why=code, settled_at=now)
                .returning(col(Mail.id))
                .execution_options(synchronize_session=False)
            )
            if failed is None:
                return False
            matter = await raise_matter(
                session, waiting.tenant_id, MatterAbout.FAILED, str(failed), now, mail_id=failed
            )
        if matter:
            await self._carry(matter)
        return True


class _WantsFiles:
    """Said of a mail whose attachments are to be kept before it is decided about."""
