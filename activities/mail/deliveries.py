"""Sends the messages that a step has staged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity

from activities.mail.smtp import Attachment, Mailer, MailError, PermanentMailError
from activities.mail.templates import MailTemplates
from domain.cases import CaseKind, DeliveryStatus, StepRef
from domain.people.accounts import TokenPurpose
from models.cases import DeliveryRow
from models.database import Database
from models.files import StoredFile
from models.people import Account, Customer, MailedToken
from models.quotes import Quote
from models.tenants import Tenant
from stores.files.storage import FileStorage
from stores.quotes.contents import printed_quote
from stores.quotes.links import WITH_LINK, WITH_PAPER, quote_token
from stores.signed_tokens import SignedTokens

log = structlog.get_logger()


# Where a mailed token is handed in.
_TAKEN_AT = {
    TokenPurpose.VERIFY_EMAIL: "/auth/verify-email",
    TokenPurpose.RESET_PASSWORD: "/auth/password/reset",
    TokenPurpose.INVITATION: "/auth/password/reset",
}


@dataclass(frozen=True)
class _Outgoing:
    delivery: DeliveryRow
    token: MailedToken | None
    paper: StoredFile | None
    address: str
    name: str
    locale: str
    tenant_name: str
    timezone: str


class DeliveryActivities:
    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        templates: MailTemplates,
        public_url: str,
        tokens: SignedTokens,
        storage: FileStorage,
        read_at: Mapping[CaseKind, str],
    ) -> None:
        """`read_at` says where cases of a kind are read: a path with a place for the id."""
        self._database = database
        self._mailer = mailer
        self._templates = templates
        self._public_url = public_url
        self._tokens = tokens
        self._storage = storage
        self._read_at = read_at

    @activity.defn(name="deliveries.send_step")
    async def send_step(self, step: StepRef) -> int:
        """Sends what is unsent of a step, each row claimed, sent and marked; returns how many were sent now.

        A row that an earlier attempt claimed and never marked is sent again under the same Message-ID: SMTP cannot tell
        whether it arrived, and a receiver can drop the second copy. Raises MailError when the server asks to try later.
        """
        sent = 0
        for delivery in await self._unsent(step):
            activity.heartbeat()
            outgoing = await self._claim(delivery)
            if outgoing is None:
                continue
            structlog.contextvars.bind_contextvars(correlation_id=outgoing.delivery.correlation_id)
            try:
                await self._send(outgoing)
            except PermanentMailError as error:
                await self._mark(outgoing, DeliveryStatus.FAILED, error.code)
                log.warning("delivery_failed", delivery_id=str(delivery.id), code=error.code)
                _count(outgoing.delivery.channel, "failed")
                continue
            except MailError:
                _count(outgoing.delivery.channel, "put_off")
                raise
            await self._mark(outgoing, DeliveryStatus.SENT)
            _count(outgoing.delivery.channel, "sent")
            sent += 1
        return sent

    async def _unsent(self, step: StepRef) -> list[DeliveryRow]:
        async with self._database.transaction(step.tenant_id) as session:
            rows = await session.scalars(
                sa.select(DeliveryRow)
                .where(
                    col(DeliveryRow.tenant_id) == step.tenant_id,
                    col(DeliveryRow.step_id) == step.step_id,
                    col(DeliveryRow.status).in_([DeliveryStatus.PENDING, DeliveryStatus.SENDING]),
                )
                .order_by(col(DeliveryRow.id))
            )
            return list(rows)

    async def _claim(self, unsent: DeliveryRow) -> _Outgoing | None:
        # Mail about an account reaches its owner wherever it belongs; mail about a case the tenant's people only.
        owner = unsent.recipient_id if unsent.case_kind is None else None
        async with self._database.transaction(unsent.tenant_id, account_id=owner) as session:
            delivery = await session.get(DeliveryRow, unsent.id, with_for_update=True)
            if delivery is None or delivery.status in (DeliveryStatus.SENT, DeliveryStatus.FAILED):
                return None
            tenant = await session.get_one(Tenant, delivery.tenant_id)
            recipient = await _recipient(session, delivery)
            if recipient is None:
                delivery.status, delivery.error_code = DeliveryStatus.FAILED, "recipient_gone"
                return None
            token = None
            if token_id := delivery.context.get("mailed_token_id"):
                token = await session.get(MailedToken, UUID(token_id))
                if token is None or token.used_at or token.expires_at <= datetime.now(UTC):
                    delivery.status, delivery.error_code = DeliveryStatus.FAILED, "token_over"
                    return None
            paper = await _paper(session, delivery) if delivery.template in WITH_PAPER else None
            delivery.status = DeliveryStatus.SENDING
            delivery.attempts += 1
            delivery.claimed_at = datetime.now(UTC)
            delivery.message_id = self._mailer.message_id(delivery.id)
            return _Outgoing(
                delivery=delivery,
                token=token,
                paper=paper,
                address=recipient.address,
                name=recipient.name,
                locale=recipient.locale or tenant.locale,
                tenant_name=tenant.name,
                timezone=tenant.timezone,
            )

    async def _send(self, outgoing: _Outgoing) -> None:
        delivery = outgoing.delivery
        mail = self._templates.render(
            delivery.template,
            outgoing.locale,
            outgoing.timezone,
            {
                **delivery.context,
                "name": outgoing.name,
                "tenant": outgoing.tenant_name,
                **self._way_in(outgoing),
            },
        )
        await self._mailer.send(
            to=outgoing.address,
            subject=mail.subject,
            body=mail.body,
            message_id=delivery.message_id or "",
            at=delivery.due_at,
            correlation_id=delivery.correlation_id,
            attachments=await self._attachments(outgoing.paper),
        )

    async def _attachments(self, paper: StoredFile | None) -> list[Attachment]:
        if paper is None:
            return []
        content = b"".join([chunk async for chunk in await self._storage.get(paper.key, 0, paper.size or 0)])
        return [Attachment(paper.name, paper.content_type or "application/octet-stream", content)]

    def _way_in(self, outgoing: _Outgoing) -> dict[str, str]:
        """Where the mail leads, and the token that opens it, if one does. It is signed here so that no row holds it."""
        delivery, token = outgoing.delivery, outgoing.token
        if task_id := delivery.context.get("task_id"):
            return {"link": f"{self._public_url}/api/v1/reviews/{task_id}"}
        if delivery.template in WITH_LINK:
            return {"link": f"{self._public_url}/api/v1/public/quotes/{self._quote_token(delivery)}"}
        if delivery.case_kind:
            return {"link": f"{self._public_url}/api/v1{self._read_at[delivery.case_kind].format(delivery.case_id)}"}
        if token is None:
            return {"link": self._public_url}
        claims = {"sub": str(token.account_id), "tid": str(token.tenant_id), "jti": str(token.id)}
        return {
            "link": f"{self._public_url}/api/v1{_TAKEN_AT[token.purpose]}",
            "token": self._tokens.sign(token.purpose, claims, at=token.created_at, expires_at=token.expires_at),
            "expires_at": token.expires_at.isoformat(),
        }

    def _quote_token(self, delivery: DeliveryRow) -> str:
        sent_at, valid_until = (datetime.fromisoformat(delivery.context[key]) for key in ("sent_at", "valid_until_at"))
        if delivery.case_id is None:
            raise ValueError("a link leads to a case")
        return quote_token(self._tokens, delivery.tenant_id, delivery.case_id, sent_at=sent_at, valid_until=valid_until)

    async def _mark(self, outgoing: _Outgoing, status: DeliveryStatus, error_code: str | None = None) -> None:
        async with self._database.transaction(outgoing.delivery.tenant_id) as session:
            await session.execute(
                sa.update(DeliveryRow)
                .where(col(DeliveryRow.id) == outgoing.delivery.id)
                .values(
                    status=status,
                    error_code=error_code,
                    sent_at=datetime.now(UTC) if status is DeliveryStatus.SENT else None,
                )
            )


@dataclass(frozen=True)
class _Recipient:
    address: str
    name: str
    locale: str | None


async def _recipient(session: AsyncSession, delivery: DeliveryRow) -> _Recipient | None:
    """Where the message goes; None when there is nobody there any more."""
    if delivery.customer_id:
        customer = await session.get_one(Customer, delivery.customer_id)
        return _Recipient(customer.email, customer.name, None) if customer.email else None
    account = await session.get(Account, delivery.recipient_id)
    if account is None or account.disabled_at:
        return None
    return _Recipient(account.email, account.full_name, account.locale)


async def _paper(session: AsyncSession, delivery: DeliveryRow) -> StoredFile:
    """The quote on paper. Raises MailError, to be tried again, as long as it is not printed."""
    quote = await session.get_one(Quote, delivery.case_id)
    paper = await printed_quote(session, quote.id, quote.content_id, sent=True)
    if paper is None:
        raise MailError("The paper that goes with the message is not printed yet.")
    return paper


def _count(channel: str, outcome: str) -> None:
    counter = activity.metric_meter().create_counter("casewright_deliveries", "Attempts to deliver, by outcome.")
    counter.add(1, {"channel": channel, "outcome": outcome})
