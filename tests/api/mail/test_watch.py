"""Mailboxes that nobody looks after are woken, each at most every few minutes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from api.mail import watch
from api.mail.watch import MailboxWatch
from domain.mail.mailbox import MailboxRef
from domain.mail.states import MailState, Source
from models.database import Database
from models.mail import Mail, MailAccount
from tests.activities.desk import new_desk

ENGINE: Any = object()


async def test_the_neglected_are_woken_and_no_others(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, now = await new_desk(database), datetime.now(UTC)
    long_ago = now - timedelta(hours=1)
    of_desk: dict[str, Any] = {"tenant_id": desk.tenant_id, "size_limit": 1, "updated_at": long_ago}
    new, seen, provided = [
        MailAccount(**of_desk, name=name, **given)
        for name, given in (
            ("new", {}),
            ("seen", {"last_looked_at": now}),
            ("provided", {"source": Source.MAILGUN}),
        )
    ]
    kept = {"received_at": long_ago, "created_at": long_ago, "raw_size": 1, "raw_sha256": "0" * 64}
    unread = Mail(
        tenant_id=desk.tenant_id, account_id=provided.id, state=MailState.RECEIVED, digest=str(desk.ticket_id), **kept
    )
    async with database.transaction(desk.tenant_id) as session:
        session.add_all([new, seen, provided])
        await session.flush()
        session.add(unread)

    woken: list[tuple[UUID, bool]] = []

    async def note(_: object, mailbox: MailboxRef, *, look: bool) -> None:
        if mailbox.tenant_id == desk.tenant_id:
            woken.append((mailbox.account_id, look))

    monkeypatch.setattr(watch, "wake", note)
    looking_after = MailboxWatch(ENGINE, database)
    for _ in range(2):
        await looking_after.wake_neglected()
    assert sorted(woken) == sorted([(new.id, True), (provided.id, False)])

    async with database.transaction(desk.tenant_id) as session:
        await session.delete(await session.get_one(Mail, unread.id))
