"""A tenant whose people are written to, through a mail server that does as the test says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from temporalio.testing import ActivityEnvironment
from uuid_utils.compat import uuid7

from activities.mail.deliveries import DeliveryActivities
from activities.mail.letters import Letters
from activities.mail.own_smtp import OwnMailServers
from activities.mail.smtp import Mailer
from activities.mail.templates import MailTemplates
from domain.cases import CaseKind, DeliveryStatus, StepRef
from domain.files.states import FileStatus, ScanResult
from domain.mail.reply_addresses import ReplyAddresses, reply_key
from models.cases import DeliveryRow
from models.database import Database
from models.files import StoredFile
from models.people import Account, Membership
from models.tickets import TicketMessageFile
from ops.embedded.secrets import load_or_create
from stores.files.storage import FileStorage, new_key
from stores.mail.secrets import Secrets
from stores.signed_tokens import SignedTokens
from tests.activities.desk import NOON, Desk, new_desk
from tests.activities.mail.server import MailServer, mail_server

SECRETS = Secrets([bytes(32)])


@dataclass(frozen=True)
class Office:
    """A tenant whose people are written to; its activities send through `server`."""

    desk: Desk
    server: MailServer
    deliveries: DeliveryActivities
    addresses: ReplyAddresses
    storage: FileStorage

    async def member(self, **account: Any) -> Account:
        """Somebody of the tenant."""
        ident = uuid7()
        person = Account(id=ident, email=f"{ident}@test.example", full_name="Ada", password_hash="none", **account)
        async with self.desk.database.transaction(self.desk.tenant_id, account_id=ident) as session:
            session.add(person)
            await session.flush()
            session.add(Membership(tenant_id=self.desk.tenant_id, account_id=ident))
        return person

    async def stage(
        self, *people: Account, about_the_account: bool = False, template: str = "ticket_answered", **context: Any
    ) -> StepRef:
        """A step that has a message for each of them, in this order."""
        about = {"case_kind": None, "case_id": None, "template": "password_changed"} if about_the_account else {}
        return await self._stage(
            [{"recipient_id": person.id, "template": template, **about} for person in people], **context
        )

    async def stage_for_participants(self, *participant_ids: UUID, **context: Any) -> StepRef:
        """A step that has an answer for each of those who take part in the ticket from outside."""
        return await self._stage(
            [{"participant_id": each, "template": "ticket_copied"} for each in participant_ids], **context
        )

    async def _stage(self, messages: list[dict[str, Any]], **context: Any) -> StepRef:
        step = StepRef(self.desk.tenant_id, uuid7())
        usual: dict[str, Any] = {"case_kind": CaseKind.TICKET, "case_id": self.desk.ticket_id, "channel": "email"}
        facts = {"proven": True, "number": "TCK-1", "subject": "Help", "changed_at": NOON.isoformat()}
        async with self.desk.database.transaction(self.desk.tenant_id) as session:
            for message in messages:
                session.add(
                    DeliveryRow(
                        tenant_id=step.tenant_id,
                        step_id=step.step_id,
                        context=facts | context,
                        correlation_id="test",
                        due_at=NOON,
                        **usual | message,
                    )
                )
        return step

    async def attach(self, message_id: UUID, name: str, content: bytes, **given: Any) -> str:
        """A file that goes with a message of the ticket; returns its name."""

        async def bytes_of_it() -> AsyncIterator[bytes]:
            yield content

        key = new_key(self.desk.tenant_id)
        await self.storage.put(key, bytes_of_it())
        known = {"status": FileStatus.STORED, "content_type": "application/pdf", "size": len(content)}
        known |= {"sha256": "0" * 64, "scan": ScanResult.CLEAN, "stored_at": NOON, "attached_at": NOON}
        file = StoredFile(
            tenant_id=self.desk.tenant_id, uploader_id=self.desk.account_id, key=key, name=name, **known | given
        )
        async with self.desk.database.transaction(self.desk.tenant_id) as session:
            session.add(file)
            await session.flush()
            place = await session.scalar(sa.select(sa.func.count()).select_from(TicketMessageFile))
            session.add(
                TicketMessageFile(
                    tenant_id=self.desk.tenant_id, message_id=message_id, file_id=file.id, position=place or 0
                )
            )
        return name

    async def send(self, step: StepRef) -> int:
        """One attempt."""
        return await ActivityEnvironment().run(self.deliveries.send_step, step)

    async def rows(self, step: StepRef) -> list[DeliveryRow]:
        """What the database knows of the messages."""
        async with self.desk.database.transaction(self.desk.tenant_id) as session:
            found = await session.scalars(
                sa.select(DeliveryRow).where(col(DeliveryRow.step_id) == step.step_id).order_by(col(DeliveryRow.id))
            )
            return list(found)

    async def statuses(self, step: StepRef) -> list[DeliveryStatus]:
        return [row.status for row in await self.rows(step)]


@asynccontextmanager
async def new_office(database: Database, home: Path) -> AsyncIterator[Office]:
    """An office that no other test knows, open during the block."""
    key = load_or_create(home).jwt_private_key
    addresses, storage = ReplyAddresses(reply_key(key)), FileStorage.at(None, home)
    async with mail_server() as server:
        mailer = Mailer(server.url, "no-reply@casewright.example", command_seconds=0.5)
        letters = Letters(
            database,
            mailer,
            MailTemplates(),
            "http://here",
            SignedTokens(key),
            addresses,
            storage,
            {CaseKind.TICKET: "/tickets/{}"},
        )
        deliveries = DeliveryActivities(database, mailer, letters, OwnMailServers(SECRETS, private=True))
        yield Office(await new_desk(database), server, deliveries, addresses, storage)
