"""The bytes of mails are kept while somebody may need them, and spam for a month."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.mail.states import HeldFor, MailState
from domain.tickets.rules import TicketStatus
from models.database import Database
from models.mail import Mail, MailAccount
from models.tickets import Ticket
from stores.files.storage import FileStorage, new_key
from stores.mail.forgetting import forget_old_mail
from tests.activities.desk import NOON, Desk, new_desk

DAY = timedelta(days=1)


@pytest.fixture
def storage(tmp_path: Path) -> FileStorage:
    return FileStorage.at(None, tmp_path)


async def came(desk: Desk, storage: FileStorage, **given: Any) -> tuple[UUID, str]:
    """A mail with its bytes; its id, and their key."""
    key = new_key(desk.tenant_id)
    await storage.put(key, _bytes())
    account = MailAccount(tenant_id=desk.tenant_id, name="Support", size_limit=1)
    mail = Mail(
        **{
            "tenant_id": desk.tenant_id,
            "account_id": account.id,
            "received_at": NOON,
            "settled_at": NOON,
            "raw_key": key,
            "raw_size": 1,
            "raw_sha256": "0" * 64,
            "text": "Words",
            "digest": key[-40:],
        }
        | given
    )
    async with desk.database.transaction(desk.tenant_id) as session:
        session.add(account)
        await session.flush()
        session.add(mail)
    return mail.id, key


async def _bytes() -> AsyncIterator[bytes]:
    yield b"x"


async def row(desk: Desk, mail_id: UUID) -> Mail:
    async with desk.database.transaction(desk.tenant_id) as session:
        return await session.get_one(Mail, mail_id)


async def is_stored(storage: FileStorage, key: str) -> bool:
    try:
        await storage.get(key, 0, 1)
    except FileNotFoundError:
        return False
    return True


async def test_spam_goes_after_a_month_and_is_still_known(database: Database, storage: FileStorage) -> None:
    desk = await new_desk(database)
    mail_id, key = await came(desk, storage, state=MailState.SPAM)

    await forget_old_mail(database, storage, NOON + 29 * DAY)
    assert (await row(desk, mail_id)).text == "Words"

    await forget_old_mail(database, storage, NOON + 31 * DAY)
    gone = await row(desk, mail_id)
    assert (gone.state, gone.text, gone.raw_key, gone.digest) == (MailState.DELETED, None, None, key[-40:])
    assert not await is_stored(storage, key)


async def test_bytes_go_ninety_days_past_closing_and_words_stay(database: Database, storage: FileStorage) -> None:
    desk = await new_desk(database)
    mail_id, key = await came(desk, storage, state=MailState.OPENED, ticket_id=desk.ticket_id)
    waiting_id, _ = await came(desk, storage, state=MailState.HELD, held_for=HeldFor.FLOOD)
    ignored_id, _ = await came(desk, storage, state=MailState.IGNORED)

    await forget_old_mail(database, storage, NOON + 1000 * DAY)
    assert (await row(desk, mail_id)).raw_key == key
    assert (await row(desk, waiting_id)).raw_key
    assert (await row(desk, ignored_id)).raw_key is None

    async with database.transaction(desk.tenant_id) as session:
        ticket = await session.get_one(Ticket, desk.ticket_id)
        ticket.status, ticket.closed_at = TicketStatus.CLOSED, NOON
    await forget_old_mail(database, storage, NOON + 89 * DAY)
    assert await is_stored(storage, key)
    await forget_old_mail(database, storage, NOON + 91 * DAY)
    done = await row(desk, mail_id)
    assert (done.state, done.text, done.raw_key) == (MailState.OPENED, "Words", None)
    assert not await is_stored(storage, key)
