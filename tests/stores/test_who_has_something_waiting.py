"""The rounds look at tenants that have something for them, and at no other: there may be thousands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from domain.cases import CaseKind, CommandStatus, DeliveryStatus
from domain.files.states import FileStatus, ScanResult
from domain.mail.states import MailboxState, MailState, Source
from models.cases import CommandRow, DeliveryRow
from models.database import Database
from models.files import StoredFile
from models.mail import Mail, MailAccount
from stores.tenants import (
    tenants_with_account_mail,
    tenants_with_commands,
    tenants_with_failures,
    tenants_with_files_to_sweep,
    tenants_with_mailboxes,
    tenants_with_neglected_mail,
)
from tests.activities.desk import Desk, new_desk

NOW = datetime.now(UTC)
LONG_AGO, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await new_desk(database)


@asynccontextmanager
async def having(desk: Desk, *rows: Any) -> AsyncIterator[AsyncSession]:
    """A session in which the tenant has these rows. Nobody else sees them: other tests share the database."""
    async with desk.database.transaction(desk.tenant_id) as session:
        for row in rows:
            session.add(row)
            await session.flush()
        yield session
        await session.rollback()


@pytest.mark.parametrize(
    ("given", "found"),
    [({}, True), ({"status": CommandStatus.DONE}, False), ({"created_at": LATER}, False)],
    ids=["pending", "done", "a moment ago"],
)
async def test_commands(desk: Desk, given: dict[str, Any], found: bool) -> None:
    told = {"created_at": LONG_AGO, "status": CommandStatus.PENDING, "kind": "ticket.close", "arguments": {}} | given
    case = {"case_kind": CaseKind.TICKET, "case_id": uuid7(), "correlation_id": "test", "fingerprint": ""}
    command = CommandRow(tenant_id=desk.tenant_id, id=uuid7(), actor_id=desk.account_id, **case, **told)
    async with having(desk, command) as session:
        assert (desk.tenant_id in await tenants_with_commands(session, created_before=NOW)) is found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, True),
        ({"status": DeliveryStatus.SENT}, False),
        ({"created_at": LATER}, False),
        ({"case_kind": CaseKind.TICKET, "case_id": uuid7()}, False),
    ],
    ids=["unsent", "sent", "a moment ago", "a case's"],
)
async def test_account_mail(desk: Desk, given: dict[str, Any], found: bool) -> None:
    told = {"created_at": LONG_AGO, "status": DeliveryStatus.PENDING, "template": "reset", "channel": "email"} | given
    sent = {"step_id": uuid7(), "context": {}, "correlation_id": "test", "due_at": LONG_AGO}
    delivery = DeliveryRow(tenant_id=desk.tenant_id, recipient_id=desk.account_id, **sent, **told)
    async with having(desk, delivery) as session:
        assert (desk.tenant_id in await tenants_with_account_mail(session, created_before=NOW)) is found


@pytest.mark.parametrize(
    ("mailbox", "mails", "found"),
    [
        ({}, [], True),
        ({"last_looked_at": NOW}, [], False),
        ({"last_looked_at": NOW - timedelta(minutes=30)}, [], True),
        ({"last_looked_at": NOW, "updated_at": LATER}, [], True),
        ({"state": MailboxState.PAUSED}, [], False),
        ({"source": Source.MAILGUN}, [], False),
        ({"source": Source.MAILGUN}, [{}], True),
        ({"source": Source.MAILGUN}, [{"state": MailState.IGNORED}], False),
        ({"source": Source.MAILGUN}, [{"created_at": LATER}], False),
    ],
    ids=[
        *("new", "looked into", "not looked into for long", "changed since", "paused", "brought by a provider"),
        *("a mail waits", "a mail is settled", "a mail has just come"),
    ],
)
async def test_neglected_mail(desk: Desk, mailbox: dict[str, Any], mails: list[dict[str, Any]], found: bool) -> None:
    told = {"name": "Support", "size_limit": 1, "updated_at": LONG_AGO} | mailbox
    account = MailAccount(tenant_id=desk.tenant_id, **told)
    waiting = [_mail(desk.tenant_id, account.id, **each) for each in mails]
    async with having(desk, account, *waiting) as session:
        assert desk.tenant_id in await tenants_with_mailboxes(session)
        tenants = await tenants_with_neglected_mail(session, heard_before=NOW - timedelta(minutes=5), kept_before=NOW)
    assert (desk.tenant_id in tenants) is found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"status": FileStatus.UPLOADING}, True),
        ({"status": FileStatus.UPLOADING, "created_at": LATER}, False),
        ({"status": FileStatus.REMOVING, "created_at": LATER}, True),
        ({}, True),
        ({"stored_at": LATER}, False),
        ({"attached_at": NOW}, False),
        ({"attached_at": NOW, "scan": ScanResult.PENDING}, True),
    ],
    ids=["cut off", "on its way", "half removed", "used by nobody", "just there", "used", "not scanned yet"],
)
async def test_files(desk: Desk, given: dict[str, Any], found: bool) -> None:
    told = {"created_at": LONG_AGO, "status": FileStatus.STORED, "stored_at": LONG_AGO, "scan": ScanResult.CLEAN}
    content = {"key": uuid7().hex, "name": "a.txt", "content_type": "text/plain", "size": 1, "sha256": "0" * 64}
    file = StoredFile(tenant_id=desk.tenant_id, uploader_id=desk.account_id, **content, **told | given)
    async with having(desk, file) as session:
        tenants = await tenants_with_files_to_sweep(session, unfinished_before=NOW, unused_before=NOW)
    assert (desk.tenant_id in tenants) is found


async def test_what_nothing_is_of_is_not_looked_at(desk: Desk) -> None:
    async with having(desk) as session:
        assert desk.tenant_id not in await tenants_with_mailboxes(session)
        assert desk.tenant_id not in await tenants_with_failures(session)


def _mail(tenant_id: UUID, account_id: UUID, **given: Any) -> Mail:
    told = {"state": MailState.RECEIVED, "created_at": LONG_AGO} | given
    kept = {"received_at": LONG_AGO, "raw_size": 1, "raw_sha256": "0" * 64, "digest": uuid7().hex}
    return Mail(tenant_id=tenant_id, account_id=account_id, **kept, **told)
