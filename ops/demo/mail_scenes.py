"""A ticket that comes by mail: it is answered, the answer is answered by mail, and then the address is gone."""

import secrets
from email.message import EmailMessage, Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import make_msgid
from typing import Any

from ops.demo.stage import CaseOnStage, Stage

_MAILBOX = "support@acme.example"


async def by_mail(stage: Stage) -> None:
    """Somebody unknown writes to the mailbox of the tenant, is answered, writes again, and then cannot be reached."""
    stage.title("A ticket comes by mail, and so does the reply; then the address is gone")
    if not stage.takes_mail:
        stage.remark("mail", "Left out: only the embedded stack has a mailbox that anybody may write to.")
        return
    lina = f"lina-{secrets.token_hex(4)}@somewhere.example"
    first = _mail(lina, "The lift has stopped", "It stands between two floors since this morning.")
    ticket = await _come(stage, lina, first, "opened")
    stage.enter(ticket, "The lift has stopped (by mail)")
    await stage.tell(ticket, "the customer", mails=1)
    await stage.act("agent", ticket, "/messages", body="Somebody is on the way. Is anybody in it?", mails=1)
    answered = await stage.newest_mail(lina)
    reply = _mail(lina, f"Re: {answered['subject']}", "Nobody, luckily.\n\n> Is anybody in it?\n")
    reply["In-Reply-To"] = answered["message_id"]
    await _come(stage, lina, reply, "joined")
    await stage.until(ticket, lambda row: row["status"] == "open")
    await stage.tell(ticket, "the customer")
    await stage.act("agent", ticket, "/messages", body="It runs again.", mails=1)
    await stage.send_mail(_bounce(lina, (await stage.newest_mail(lina))["message_id"]), "")
    known = await stage.listed("/mail/addresses", lambda rows: any(row["address"] == lina for row in rows))
    status = next(row["undeliverable_status"] for row in known if row["address"] == lina)

    def is_told(events: list[dict[str, Any]]) -> bool:
        return any(event["kind"] == "delivery_bounced" for event in events)

    await stage.listed(f"{ticket.path}/timeline", is_told, limit=200)
    await stage.tell(ticket, "the customer", mails=2)
    stage.remark("mail", f"{lina} cannot be reached ({status}): staff have a task of it.")


async def _come(stage: Stage, sender: str, mail: EmailMessage, state: str) -> CaseOnStage:
    """Sends a mail and waits until it is on a ticket."""
    await stage.send_mail(mail, sender)
    [came, *_] = await stage.listed("/mail/messages", bool, **{"from": sender, "state": state})

    def is_there(tickets: list[dict[str, Any]]) -> bool:
        return any(ticket["id"] == came["ticket_id"] for ticket in tickets)

    tickets = await stage.listed("/tickets", is_there, limit=200)
    number = next(ticket["number"] for ticket in tickets if ticket["id"] == came["ticket_id"])
    return CaseOnStage(id=f"ticket/{came['ticket_id']}", number=number, path=f"/tickets/{came['ticket_id']}")


def _mail(sender: str, subject: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Lina Lift <{sender}>", _MAILBOX, subject
    mail["Message-ID"] = make_msgid(domain="somewhere.example")
    mail.set_content(text)
    return mail


def _bounce(address: str, message_id: str) -> Message:
    """What a server answers that does not know the address (RFC 3464)."""
    report = MIMEMultipart("report")
    report.set_param("report-type", "delivery-status")
    report["From"], report["To"], report["Subject"] = "mailer-daemon@somewhere.example", _MAILBOX, "Undelivered"
    report["Message-ID"] = make_msgid(domain="somewhere.example")
    server, recipient = Message(), Message()
    server["Reporting-MTA"] = "dns; somewhere.example"
    recipient["Final-Recipient"], recipient["Action"], recipient["Status"] = f"rfc822; {address}", "failed", "5.1.1"
    status = MIMEBase("message", "delivery-status")
    for part in (server, recipient):
        status.attach(part)
    report.attach(MIMEText("There is no such mailbox here."))
    report.attach(status)
    report.attach(MIMEText(f"Message-ID: {message_id}\n", "rfc822-headers"))
    return report
