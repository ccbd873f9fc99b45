"""Takes the mails of one folder in, in the order of their UIDs: bytes to the storage, the row, and only then the flag.

Whatever is cut off in between is done again: the bytes of a mail always lie at the same place, its row is there once,
and one that is kept but not flagged is found by its row.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from activities.mail.ahead import ahead
from activities.mail.imap import Envelope, ImapSession
from activities.mail.mailbox_errors import MailboxError
from domain.mail.mailbox import MailboxRef
from domain.mail.reach import Reach
from domain.mail.states import After
from models.database import Database
from models.mail import MailAccount
from stores.files.storage import FileStorage
from stores.mail.accounts import account_of, reach_of, skip_to
from stores.mail.keeping import Kept, MailboxChanged, OnServer, Raw, keep_each, kept_among

AT_A_TIME = 50
"""So many mails are asked about at once; of those, as many are read together as have `TOGETHER_BYTES`, or one."""

TOGETHER_BYTES = 4 * 1024 * 1024
STORED_AT_ONCE = 8
ASKED_INSTEAD = 3
"""So many other mails are asked for when one is refused: a server that is out of breath refuses all."""
TIDIED = 1000
"""So many of the newest UIDs are looked through for mails that are kept and were not flagged or moved."""

_A_DAY = timedelta(days=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Taken:
    """Some mails were taken in: how many are new rows, up to which UID, how many are still to come, and when the newest
    of them arrived at the server."""

    count: int
    last_uid: int
    behind: int
    last_mail_at: datetime | None


@dataclass(frozen=True)
class _Read:
    """The bytes of a mail, or of its beginning; None of one that the server does not give."""

    envelope: Envelope
    body: bytes | None
    too_large: bool = False


@dataclass(frozen=True)
class _Portion:
    """Mails that are read together, up to which UID nothing is left before them, and how many are still to come."""

    mails: Sequence[_Read]
    last_uid: int
    behind: int


class Intake:
    """Of a mailbox as `account` was when the server's folder was selected."""

    def __init__(
        self, database: Database, storage: FileStorage, mailbox: MailboxRef, account: MailAccount, server: ImapSession
    ) -> None:
        self._database, self._storage, self._mailbox = database, storage, mailbox
        self._account, self._server = account, server
        self._reach: Reach = reach_of(account)
        self._last_uid = account.last_uid

    async def new(self) -> AsyncIterator[Taken]:
        """Takes in what is above the last UID, and tells of it some at a time.

        Raises MailboxError, StorageAway, DBAPIError, and MailboxChanged when the mailbox is another by now.
        """
        async with ahead(self._portions()) as portions:
            async for portion in portions:
                kept = await self._keep(portion.mails)
                await self._settle([uid for uid, row in kept.items() if row.raw_key])
                await self._pass_over(portion.last_uid)
                newest = max((mail.envelope.arrived_at for mail in portion.mails), default=None)
                count = sum(each.is_new for each in kept.values())
                yield Taken(count, self._last_uid, portion.behind, newest)

    async def _portions(self) -> AsyncIterator["_Portion"]:
        """What is above the last UID, read some at a time."""
        waiting = await self._above_last()
        while waiting:
            some, waiting = waiting[:AT_A_TIME], waiting[AT_A_TIME:]
            wanted = [each for each in await self._server.envelopes(some) if self._wants(each)]
            left = len(wanted)
            for together in _in_portions(wanted, self._account.size_limit):
                left -= len(together)
                yield _Portion(await self._read(together), together[-1].uid, left + len(waiting))
            if not wanted or wanted[-1].uid < some[-1]:
                yield _Portion([], some[-1], len(waiting))

    async def tidy(self) -> None:
        """Flags, moves or removes what an earlier turn has kept and did not come to."""
        if self._account.after is After.LEAVE or self._last_uid < 1:
            return
        undone = ["UNSEEN"] if self._account.after is After.SEEN else []
        left = await self._server.uids(max(1, self._last_uid - TIDIED), self._last_uid, *undone)
        if left:
            async with self._database.transaction(self._mailbox.tenant_id) as session:
                kept = await kept_among(session, self._mailbox, self._place(0), left)
            await self._settle(sorted(kept))

    async def _above_last(self) -> list[int]:
        """The UIDs to look at; below those that are all read, only what may be wanted is asked for."""
        first, boundary = self._last_uid + 1, self._reach.from_uid
        found: list[int] = []
        if first < boundary:
            narrowed: list[object] = []
            if earliest := self._reach.earliest:
                # The server goes by days, in whatever zone.
                narrowed += ["SINCE", (earliest - _A_DAY).date()]
            else:
                narrowed += ["UNSEEN"]
            found += await self._server.uids(first, boundary - 1, *narrowed)
            if not found:
                await self._pass_over(boundary - 1)
        return found + await self._server.uids(max(first, boundary))

    def _wants(self, envelope: Envelope) -> bool:
        return self._reach.wants(envelope.uid, arrived_at=envelope.arrived_at, seen=envelope.seen)

    async def _read(self, envelopes: Sequence[Envelope]) -> list[_Read]:
        """Their bytes; one that has gone meanwhile is left out. One that the server refuses to give, while it gives
        others, keeps none waiting."""
        first = envelopes[0]
        try:
            if len(envelopes) == 1 and first.size > self._account.size_limit:
                body = await self._server.beginning(first.uid)
                return [_Read(first, body, too_large=True)] if body else []
            bodies = await self._server.mails([each.uid for each in envelopes])
            return [_Read(each, bodies[each.uid]) for each in envelopes if each.uid in bodies]
        except MailboxError as error:
            if error.code != "server_refused":
                raise
        if len(envelopes) > 1:
            return [read for each in envelopes for read in await self._read([each])]
        if not await self._gives_another(first.uid):
            # It gives nothing for now: all of it is tried again later.
            raise MailboxError("server_refused")
        log.warning("mail_not_given", mailbox=str(self._mailbox.account_id), uid=first.uid)
        return [_Read(first, None)]

    async def _gives_another(self, refused: int) -> bool:
        """Whether the server gives one of the newest other mails of the folder."""
        others = [uid for uid in await self._server.uids(1) if uid != refused]
        for uid in reversed(others[-ASKED_INSTEAD:]):
            try:
                if await self._server.beginning(uid):
                    return True
            except MailboxError as error:
                if error.code != "server_refused":
                    raise
        return False

    async def _keep(self, mails: Sequence[_Read]) -> dict[int, Kept]:
        """Stores the bytes of all that have some, then writes their rows in one transaction; returns these by UID."""
        if not mails:
            return {}
        storing = asyncio.Semaphore(STORED_AT_ONCE)

        async def store(mail: _Read) -> Raw:
            body, size, key = mail.body or b"", mail.envelope.size, None
            if mail.body is not None:
                key = self._place(mail.envelope.uid).key(self._mailbox)
                async with storing:
                    await self._storage.put(key, _whole(body))
            digest = hashlib.sha256(body).hexdigest()
            return Raw(key, max(size, len(body)), digest, mail.envelope.arrived_at, mail.too_large)

        raws = await asyncio.gather(*map(store, mails))
        async with self._database.transaction(self._mailbox.tenant_id) as session:
            account = await account_of(session, self._mailbox, lock=True)
            if account is None:
                raise MailboxChanged
            places = [self._place(mail.envelope.uid) for mail in mails]
            rows = await keep_each(session, account, list(zip(raws, places, strict=True)))
            kept = {place.uid: row for place, row in zip(places, rows, strict=True)}
        for raw, row in zip(raws, kept.values(), strict=True):
            if raw.key and row.raw_key != raw.key:
                await self._storage.delete(raw.key)
        self._last_uid = max(self._last_uid, *kept)
        return kept

    async def _settle(self, uids: Sequence[int]) -> None:
        """Does with kept mails at the server what the mailbox wants. That they are kept counts: whatever the server
        refuses is left as it is."""
        after = self._account.after
        if not uids or after is After.LEAVE:
            return
        try:
            # UIDs that have changed their meaning meanwhile would be other mails'.
            folder = await self._server.select(self._account.folder)
            if folder.uid_validity != self._account.uid_validity:
                raise MailboxChanged
            if after is After.MOVE and self._account.move_to:
                await self._server.move(uids, self._account.move_to)
            elif after is After.DELETE:
                await self._server.remove(uids)
            else:
                await self._server.flag_seen(uids)
        except MailboxError as error:
            if error.code != "server_refused":
                raise
            log.warning("mails_not_settled", mailbox=str(self._mailbox.account_id), after=after, count=len(uids))

    async def _pass_over(self, uid: int) -> None:
        """Moves the last UID over what is not read, or has gone."""
        if uid > self._last_uid:
            async with self._database.transaction(self._mailbox.tenant_id) as session:
                await skip_to(session, self._mailbox, self._place(0).uid_validity, uid)
            self._last_uid = uid

    def _place(self, uid: int) -> OnServer:
        account = self._account
        server = f"{account.username}@{account.host}"
        return OnServer(server, account.folder, account.uid_validity or 0, uid, account.changed)


def _in_portions(envelopes: Sequence[Envelope], size_limit: int) -> list[list[Envelope]]:
    """What is read together: as many as stay small, and what is too large by itself."""
    portions: list[list[Envelope]] = []
    room = 0
    for each in envelopes:
        alone = each.size > min(size_limit, TOGETHER_BYTES)
        if alone or each.size > room:
            portions.append([])
            room = TOGETHER_BYTES
        portions[-1].append(each)
        room = 0 if alone else room - each.size
    return portions


async def _whole(body: bytes) -> AsyncIterator[bytes]:
    yield body
