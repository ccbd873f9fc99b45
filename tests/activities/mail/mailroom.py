"""A tenant with a mailbox, people and tickets, and mails that have come there, as fetching leaves them."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel, col
from uuid_utils.compat import uuid7

from activities.mail.arrivals import ArrivalActivities, Carry
from api.identity.tenants import make_tenant
from domain.customers.states import CustomerKind, CustomerStatus
from domain.mail.mailbox import MailboxRef
from domain.mail.reading.content import ReadMail
from domain.mail.reading.reader import read
from domain.mail.reply_addresses import ReplyAddresses
from domain.mail.states import Verdict
from domain.tickets.rules import TicketStatus
from models.cases import CommandRow
from models.database import Database
from models.mail import KnownMessageId, Mail, MailAccount, MailAccountAddress
from models.people import Account, Customer, Membership, MembershipRole, Role
from models.tenants import Tenant
from models.tickets import Ticket, TicketMessage
from stores.files.scanner import VirusScanner
from stores.files.storage import FileStorage, new_key

VERDICT = "X-Test-Verdict"
ADDRESSES = ReplyAddresses(b"a key of the tests")
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


class PlainReader:
    """Reads in this process."""

    async def read(self, raw: bytes, *, arrived_at: datetime, whole: bool) -> ReadMail:
        return read(raw, arrived_at=arrived_at, whole=whole)


async def judge_by_header(_raw: bytes, mail: ReadMail, _authserv_id: str | None) -> tuple[Verdict, dict[str, str]]:
    """A verdict as the mail itself says."""
    said = next((value for name, value in mail.headers if name.lower() == VERDICT.lower()), "none")
    return Verdict(said), {"by": "test"}


def letter(
    sender: str | None,
    subject: str = "Help",
    text: str = "It does not work.",
    *,
    to: str = "",
    verdict: str = "none",
    **headers: str,
) -> EmailMessage:
    """A mail; `headers` by their names with underscores."""
    mail = EmailMessage()
    if sender:
        mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Message-ID"] = headers.pop("Message_ID", f"<{uuid7()}@people.example>")
    mail["Date"] = "Fri, 20 Nov 2026 08:59:00 +0000"
    mail[VERDICT] = verdict
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


@dataclass
class Mailroom:
    """`carried` are the commands that were asked of tickets; their tickets take them only where an engine is."""

    database: Database
    files: FileStorage
    tenant_id: UUID
    account_id: UUID
    address: str
    carried: list[CommandRow] = field(default_factory=list)

    def at(self, name: str) -> str:
        """Somebody's address, which nobody has in other tests: accounts are the whole platform's."""
        return f"{name}@{self.tenant_id.hex[-12:]}.people.example"

    def letter(self, sender: str | None = "ada", *given: str, **values: str) -> EmailMessage:
        """A mail to the mailbox from somebody here, by name or address."""
        if sender and "@" not in sender:
            sender = self.at(sender)
        return letter(sender, *given, **{"to": self.address, **values})

    @property
    def mailbox(self) -> MailboxRef:
        return MailboxRef(self.tenant_id, self.account_id)

    def arrivals(self, carry: Carry | None = None) -> ArrivalActivities:
        """The activities, remembering nothing."""

        async def note(command: CommandRow) -> bool:
            self.carried.append(command)
            return True

        return ArrivalActivities(
            self.database, self.files, VirusScanner(None), PlainReader(), judge_by_header, ADDRESSES, carry or note
        )

    async def put(self, mail: EmailMessage | bytes, *, account_id: UUID | None = None, **values: Any) -> UUID:
        """A mail that was fetched."""
        if isinstance(mail, EmailMessage):
            mail = mail.as_bytes()
        raw, key, mail_id = mail, new_key(self.tenant_id), uuid7()

        async def chunks() -> AsyncIterator[bytes]:
            yield raw

        await self.files.put(key, chunks())
        row = Mail(
            id=mail_id,
            tenant_id=self.tenant_id,
            account_id=account_id or self.account_id,
            received_at=NOW,
            raw_key=key,
            raw_size=len(raw),
            raw_sha256=hashlib.sha256(raw).hexdigest(),
            **values,
        )
        await self.keep(row)
        return mail_id

    async def arrive(self, *mails: EmailMessage) -> Mail:
        """What has become of the last of these mails."""
        ids = [await self.put(mail) for mail in mails]
        await self.arrivals().take_up(self.mailbox)
        return await self.mail(ids[-1])

    async def mail(self, mail_id: UUID) -> Mail:
        async with self.database.transaction(self.tenant_id) as session:
            return await session.get_one(Mail, mail_id)

    async def all(self, model: type[SQLModel], *where: sa.ColumnElement[bool]) -> list[Any]:
        """The tenant's rows of a table."""
        async with self.database.transaction(self.tenant_id) as session:
            return list(await session.scalars(sa.select(model).where(*where).order_by(sa.text("id"))))

    async def keep(self, *rows: SQLModel) -> None:
        """Writes rows, one after the other."""
        async with self.database.transaction(self.tenant_id) as session:
            for row in rows:
                session.add(row)
                await session.flush()

    async def person(self, email: str, *, customer_id: UUID | None = None, role: str = "client") -> UUID:
        """Somebody with an account and a place in the tenant."""
        account = Account(id=uuid7(), email=email, full_name=email.partition("@")[0], email_verified_at=NOW)
        async with self.database.transaction(self.tenant_id, login_email=email) as session:
            session.add(account)
            await session.flush()
            member = Membership(id=uuid7(), tenant_id=self.tenant_id, account_id=account.id, customer_id=customer_id)
            session.add(member)
            await session.flush()
            role_id = await session.scalar(sa.select(col(Role.id)).where(col(Role.key) == role))
            session.add(MembershipRole(tenant_id=self.tenant_id, membership_id=member.id, role_id=role_id))
        return account.id

    async def customer(self, name: str = "Ada", **values: Any) -> UUID:
        row = Customer(
            id=uuid7(),
            tenant_id=self.tenant_id,
            kind=CustomerKind.INDIVIDUAL,
            name=name,
            **{"status": CustomerStatus.ACTIVE, **values},
        )
        await self.keep(row)
        return row.id

    async def ticket(self, customer_id: UUID, requester_id: UUID, **values: Any) -> Ticket:
        """A ticket that lives."""
        number = f"TCK-20261120-{uuid7().int % 100_000_000:08d}"
        row = Ticket(
            id=uuid7(),
            tenant_id=self.tenant_id,
            subject="Canary of another",
            customer_id=customer_id,
            requester_id=requester_id,
            **{"version": 1, "number": number, "status": TicketStatus.OPEN, **values},
        )
        await self.keep(row)
        return row

    async def known(self, ticket_id: UUID, message_id: str, known_as: str = "sent", **values: Any) -> str:
        """A Message-ID that names a ticket."""
        await self.keep(
            KnownMessageId(
                tenant_id=self.tenant_id, ticket_id=ticket_id, message_id=message_id, known_as=known_as, **values
            )
        )
        return message_id

    async def messages(self, ticket_id: UUID) -> list[TicketMessage]:
        return await self.all(TicketMessage, col(TicketMessage.ticket_id) == ticket_id)

    async def set(self, **settings: Any) -> None:
        """What the tenant has set about mail."""
        async with self.database.transaction(self.tenant_id) as session:
            tenant = await session.get_one(Tenant, self.tenant_id)
            tenant.settings = {**tenant.settings, "mail": settings}


async def new_mailroom(database: Database, files: FileStorage) -> Mailroom:
    """A tenant of its own."""
    tenant_id, account_id = uuid7(), uuid7()
    address = f"support@{str(tenant_id)[-12:]}.example"
    named = {"slug": f"mail-{tenant_id}", "name": "Acme", "locale": "en", "timezone": "Europe/Paris", "currency": "EUR"}
    async with database.transaction(tenant_id) as session:
        await make_tenant(session, Tenant(id=tenant_id, **named))
        session.add(MailAccount(id=account_id, tenant_id=tenant_id, name="Support", size_limit=25_000_000))
        await session.flush()
        session.add(MailAccountAddress(tenant_id=tenant_id, account_id=account_id, address=address, place=0))
    return Mailroom(database, files, tenant_id, account_id, address)
