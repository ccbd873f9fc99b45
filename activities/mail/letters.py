"""Writes the messages that were staged: their words, the page that they lead to, and what goes with them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from activities.mail.conversation import ANSWERED_BY_STAFF
from activities.mail.message import Attachment, Automatic, Letter, Thread
from activities.mail.outgoing import Outgoing
from activities.mail.smtp import Mailer, MailError, PermanentMailError
from activities.mail.templates import MailTemplates
from domain.bookings.invitation import write
from domain.cases import CaseKind
from domain.company import Company
from domain.files.states import ScanResult
from domain.mail.reply_addresses import ReplyAddresses
from domain.people.accounts import TokenPurpose
from models.bookings import Booking
from models.database import Database
from models.files import StoredFile
from models.invoices import Invoice
from models.quotes import Quote
from stores.bookings.calendars import METHODS, invitations
from stores.bookings.links import booking_token
from stores.files.attachments import files_of_message
from stores.files.storage import FileStorage
from stores.invoices.contents import printed_invoice
from stores.invoices.papers import ATTACHED
from stores.quotes.contents import printed_quote
from stores.quotes.links import WITH_LINK, WITH_PAPER, quote_token
from stores.signed_tokens import SignedTokens

MOST_ATTACHED_BYTES = 10 * 1024 * 1024
"""Of the files of one answer together: in base64 that is as much as any mail server takes."""

# The pages that take mailed tokens.
_TAKEN_AT = {
    TokenPurpose.VERIFY_EMAIL: "/verify",
    TokenPurpose.RESET_PASSWORD: "/reset",
    TokenPurpose.INVITATION: "/invitation",
}


class Letters:
    """`addresses` makes those that answers go to, `shown_at` says which page shows cases of a kind: a path with a place
    for the id, if it has one."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        templates: MailTemplates,
        public_url: str,
        tokens: SignedTokens,
        addresses: ReplyAddresses,
        storage: FileStorage,
        shown_at: Mapping[CaseKind, str],
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._templates = templates
        self._public_url = public_url
        self._tokens = tokens
        self._addresses = addresses
        self._storage = storage
        self._shown_at = shown_at

    async def write(self, outgoing: Outgoing) -> Letter:
        """The message to be sent. Raises PermanentMailError for one that nobody is to get any more, MailError for one
        that cannot be written yet."""
        if not outgoing.address:
            raise PermanentMailError("recipient_gone")
        if outgoing.undeliverable:
            raise PermanentMailError("undeliverable")
        if "mailed_token_id" in outgoing.context and outgoing.token is None:
            raise PermanentMailError("token_over")
        # Who only gave an address is not told by which company it is known.
        sender = outgoing.company if outgoing.case_kind else Company(self._mailer.sender_name)
        attachments, left_out = await self._attachments(outgoing)
        mail = self._templates.render(
            "ticket_received_by_mail" if outgoing.answers_a_mail else outgoing.template,
            outgoing.locale,
            outgoing.timezone,
            self._facts(outgoing) | {"left_out": left_out},
            sender=sender,
            answered=outgoing.is_answered_by_mail,
        )
        return Letter(
            # What a machine answers goes where the mail said that reports about it go (RFC 3834 4).
            to=(outgoing.return_path if outgoing.answers_a_mail else None) or outgoing.address,
            subject=_subject(outgoing) or mail.subject,
            body=mail.body,
            html=mail.html,
            sender=sender,
            message_id=outgoing.message_id,
            at=outgoing.due_at,
            correlation_id=outgoing.correlation_id,
            attachments=attachments,
            thread=self._thread(outgoing),
            automatic=_automatic(outgoing),
        )

    def _facts(self, outgoing: Outgoing) -> dict[str, Any]:
        return {
            **outgoing.context,
            "name": outgoing.name,
            "tenant": outgoing.company.name,
            "words": outgoing.words if outgoing.conversation else None,
            **self._way_in(outgoing),
        }

    def _thread(self, outgoing: Outgoing) -> Thread | None:
        if outgoing.conversation is None:
            return None
        person_id = outgoing.recipient_id if outgoing.template in ANSWERED_BY_STAFF else None
        return outgoing.conversation.thread(self._addresses, outgoing.id, person_id, self._mailer.domain)

    async def _attachments(self, outgoing: Outgoing) -> tuple[list[Attachment], list[str]]:
        """What goes with the message, and the names of the files that are too large for it, or not scanned yet."""
        if outgoing.by_a_person and outgoing.has_files:
            return await self._files(outgoing)
        if outgoing.template in WITH_PAPER | ATTACHED.keys():
            return [await self._paper(outgoing)], []
        if outgoing.template in METHODS and outgoing.context["sequence"]:
            return [await self._invitation(outgoing)], []
        return [], []

    async def _files(self, outgoing: Outgoing) -> tuple[list[Attachment], list[str]]:
        """The files that one of the staff has added to an answer."""
        async with self._database.transaction(outgoing.tenant_id) as session:
            files = await files_of_message(session, UUID(outgoing.context["message_id"]))
        attachments: list[Attachment] = []
        left_out: list[str] = []
        room = MOST_ATTACHED_BYTES
        for file in files:
            size = file.size or 0
            if size > room or file.scan not in (ScanResult.CLEAN, ScanResult.SKIPPED):
                left_out.append(file.name)
                continue
            room -= size
            attachments.append(await self._attachment(file))
        return attachments, left_out

    async def _invitation(self, outgoing: Outgoing) -> Attachment:
        """The booking for the receiver's calendar, as it was when the mail was staged."""
        method = METHODS[outgoing.template]
        async with self._database.transaction(outgoing.tenant_id) as session:
            booking = await session.get_one(Booking, outgoing.case_id)
            [now] = await invitations(session, [booking], self._mailer.sender, method)
        starts_at, ends_at = (datetime.fromisoformat(outgoing.context[key]) for key in ("starts_at", "ends_at"))
        then = replace(now, start=starts_at, end=ends_at, sequence=outgoing.context["sequence"], stamp=outgoing.due_at)
        parameters = {"charset": "utf-8", "method": method.value}
        return Attachment(f"{outgoing.context['number']}.ics", "text/calendar", write(then), parameters)

    async def _paper(self, outgoing: Outgoing) -> Attachment:
        """The paper that goes with the message. Raises MailError, to be tried again, as long as it is not printed."""
        paper = await self._printed(outgoing)
        if paper is None:
            raise MailError("The paper that goes with the message is not printed yet.")
        return await self._attachment(paper)

    async def _attachment(self, file: StoredFile) -> Attachment:
        content = b"".join([chunk async for chunk in await self._storage.get(file.key, 0, file.size or 0)])
        return Attachment(file.name, file.content_type or "application/octet-stream", content)

    async def _printed(self, outgoing: Outgoing) -> StoredFile | None:
        async with self._database.transaction(outgoing.tenant_id) as session:
            if outgoing.template in ATTACHED:
                invoice = await session.get_one(Invoice, outgoing.case_id)
                return await printed_invoice(session, invoice.content_id, ATTACHED[outgoing.template])
            quote = await session.get_one(Quote, outgoing.case_id)
            return await printed_quote(session, quote.id, quote.content_id, sent=True)

    def _way_in(self, outgoing: Outgoing) -> dict[str, str]:
        """The page that the mail links to, and until when, if that ends. A token in it is signed here so that no row
        holds it."""
        token = outgoing.token
        if task_id := outgoing.context.get("task_id"):
            return {"link": f"{self._public_url}/inbox/{task_id}"}
        if outgoing.case_kind is CaseKind.BOOKING and outgoing.recipient_id is None:
            return {"link": f"{self._public_url}/b/{self._booking_token(outgoing)}"}
        if outgoing.template in WITH_LINK:
            return {"link": f"{self._public_url}/q/{self._quote_token(outgoing)}"}
        if outgoing.case_kind:
            return {"link": f"{self._public_url}{self._shown_at[outgoing.case_kind].format(outgoing.case_id)}"}
        if token is None:
            return {"link": self._public_url}
        claims = {"sub": str(token.account_id), "tid": str(outgoing.tenant_id), "jti": str(token.id)}
        signed = self._tokens.sign(token.purpose, claims, at=token.created_at, expires_at=token.expires_at)
        link = f"{self._public_url}{_TAKEN_AT[token.purpose]}?token={signed}"
        return {"link": link, "expires_at": token.expires_at.isoformat()}

    def _booking_token(self, outgoing: Outgoing) -> str:
        if outgoing.case_id is None:
            raise ValueError("a link leads to a case")
        ends_at = datetime.fromisoformat(outgoing.context["ends_at"])
        return booking_token(self._tokens, outgoing.tenant_id, outgoing.case_id, ends_at=ends_at)

    def _quote_token(self, outgoing: Outgoing) -> str:
        sent_at, valid_until = (datetime.fromisoformat(outgoing.context[key]) for key in ("sent_at", "valid_until_at"))
        if outgoing.case_id is None:
            raise ValueError("a link leads to a case")
        return quote_token(self._tokens, outgoing.tenant_id, outgoing.case_id, sent_at=sent_at, valid_until=valid_until)


def _subject(outgoing: Outgoing) -> str | None:
    """The ticket's own, so that mail programs keep together what belongs together; None where it has another."""
    if not outgoing.is_answered_by_mail or outgoing.answers_a_mail:
        return None
    return " ".join(f"[{outgoing.context['number']}] {outgoing.context['subject']}".split())


def _automatic(outgoing: Outgoing) -> Automatic | None:
    if outgoing.by_a_person:
        return None
    return Automatic.REPLIED if outgoing.answers_a_mail else Automatic.GENERATED
