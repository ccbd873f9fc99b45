"""Reports about what we have sent: which of them count, and for what."""

from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from uuid import UUID

import pytest
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.cases import CaseKind, DeliveryStatus
from domain.mail.states import MailState
from models.cases import DeliveryRow
from models.mail import MailAddress
from models.mail_matters import MailMatter
from models.tickets import Ticket
from tests.activities.mail.mailroom import ADDRESSES, NOW, Mailroom


def report(to: str, recipient: str, *, status: str = "5.1.1", action: str = "failed", about: str = "") -> bytes:
    """What a mail server says of a mail that it could not deliver (RFC 3464)."""
    mail = MIMEMultipart("report", report_type="delivery-status")
    mail["From"], mail["To"], mail["Subject"] = "MAILER-DAEMON@mx.example", to, "Undelivered Mail"
    mail["Message-ID"], mail["Return-Path"] = f"<{uuid7()}@mx.example>", "<>"
    mail.attach(MIMEText("It could not be delivered."))
    server, one = Message(), Message()
    server["Reporting-MTA"] = "dns; mx.example"
    one["Final-Recipient"], one["Action"], one["Status"] = f"rfc822; {recipient}", action, status
    status_part = Message()
    status_part["Content-Type"] = "message/delivery-status"
    status_part.set_payload([server, one])
    mail.attach(status_part)
    original = EmailMessage()
    original["Message-ID"], original["To"] = about or "<none@a.example>", recipient
    original.set_content("Hello")
    mail.attach(MIMEMessage(original))
    return mail.as_bytes()


@dataclass
class Sent:
    """A mail about a ticket of Ada's that we have sent her."""

    room: Mailroom
    ticket: Ticket
    delivery_id: UUID
    message_id: str

    @property
    def address(self) -> str:
        return self.room.at("ada")

    @property
    def return_path(self) -> str:
        return ADDRESSES.return_path(self.room.address, self.room.tenant_id, self.delivery_id)

    async def delivery(self) -> DeliveryRow:
        async with self.room.database.transaction(self.room.tenant_id) as session:
            return await session.get_one(DeliveryRow, self.delivery_id)

    async def undeliverable(self) -> list[str]:
        rows = await self.room.all(MailAddress, col(MailAddress.undeliverable_since).is_not(None))
        return [row.address for row in rows]

    async def comes_back(self, raw: bytes) -> tuple[MailState, str | None]:
        mail_id = await self.room.put(raw)
        await self.room.arrivals().take_up(self.room.mailbox)
        mail = await self.room.mail(mail_id)
        return mail.state, mail.why


@pytest.fixture
async def sent(room: Mailroom) -> Sent:
    customer = await room.customer()
    ada = await room.person(room.at("ada"), customer_id=customer)
    ticket = await room.ticket(customer, ada)
    delivery = DeliveryRow(
        id=uuid7(),
        tenant_id=room.tenant_id,
        case_kind=CaseKind.TICKET,
        case_id=ticket.id,
        step_id=uuid7(),
        channel="email",
        template="ticket_answered",
        recipient_id=ada,
        context={},
        status=DeliveryStatus.SENT,
        correlation_id="test",
        due_at=NOW,
    )
    await room.keep(delivery)
    message_id = await room.known(ticket.id, f"<{delivery.id}@ours.example>", delivery_id=delivery.id)
    return Sent(room, ticket, delivery.id, message_id)


async def test_one_that_says_that_the_address_is_gone(sent: Sent) -> None:
    assert await sent.comes_back(report(sent.return_path, sent.address)) == (MailState.BOUNCE, "gone")
    delivery = await sent.delivery()
    assert (delivery.status, delivery.error_code) == (DeliveryStatus.BOUNCED, "5.1.1")
    assert await sent.undeliverable() == [sent.address]
    [matter] = await sent.room.all(MailMatter)
    assert (matter.about, matter.ticket_id) == ("undeliverable", sent.ticket.id)
    kinds = [command.kind for command in sent.room.carried]
    assert kinds == ["ticket.note_bounce", "mail_matter.open"]
    assert sent.room.carried[0].arguments == {"delivery_id": str(sent.delivery_id)}
    # Said twice it is as said once.
    await sent.comes_back(report(sent.return_path, sent.address))
    assert len(sent.room.carried) == 2


async def test_by_our_message_id_with_that_recipient(sent: Sent) -> None:
    forged = report(sent.room.address, sent.room.at("eve"), about=sent.message_id)
    assert await sent.comes_back(forged) == (MailState.BOUNCE, "unproven_report")
    true = report(sent.room.address, sent.address.upper(), about=sent.message_id)
    assert await sent.comes_back(true) == (MailState.BOUNCE, "gone")
    assert await sent.undeliverable() == [sent.address]


@pytest.mark.parametrize(
    ("status", "action", "why", "delivery"),
    [
        ("5.2.2", "failed", "refused", DeliveryStatus.BOUNCED),
        ("4.4.7", "delayed", "delayed", DeliveryStatus.SENT),
        ("2.0.0", "relayed", "nothing", DeliveryStatus.SENT),
    ],
)
async def test_others_end_no_mail_to_the_address(
    sent: Sent, status: str, action: str, why: str, delivery: DeliveryStatus
) -> None:
    raw = report(sent.return_path, sent.address, status=status, action=action)
    assert await sent.comes_back(raw) == (MailState.BOUNCE, why)
    assert (await sent.delivery()).status is delivery
    assert await sent.undeliverable() == []
    assert await sent.room.all(MailMatter) == []


async def test_forged_ones_do_nothing(sent: Sent) -> None:
    room, path = sent.room, sent.return_path
    last = "b" if path[path.index("@") - 5] != "b" else "c"
    at = path.index("@") - 5
    forged = [
        report(room.address, sent.address),
        report(f"{path[:at]}{last}{path[at + 1 :]}", sent.address),
        report(room.address, sent.address, about=f"<{uuid7()}@ours.example>"),
        report(ADDRESSES.return_path(room.address, uuid7(), sent.delivery_id), sent.address),
    ]
    for raw in forged:
        assert await sent.comes_back(raw) == (MailState.BOUNCE, "unproven_report")
    assert (await sent.delivery()).status is DeliveryStatus.SENT
    assert await sent.undeliverable() == []
    assert room.carried == []


async def test_a_proven_address_is_written_to_again(sent: Sent) -> None:
    room = sent.room
    await sent.comes_back(report(sent.return_path, sent.address))
    await room.arrive(room.letter("ada", In_Reply_To=sent.message_id))
    assert await sent.undeliverable() == [sent.address]
    await room.arrive(room.letter("ada", text="Again", In_Reply_To=sent.message_id, verdict="pass"))
    assert await sent.undeliverable() == []


async def test_whoever_takes_no_mail_gets_no_receipt(sent: Sent) -> None:
    await sent.comes_back(report(sent.return_path, sent.address))
    await sent.room.arrive(sent.room.letter("ada"))
    assert sent.room.carried[-1].arguments["receipt"] is False
