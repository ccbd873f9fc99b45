"""Sends the messages that a step has staged."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlmodel import col
from temporalio import activity

from activities.mail import Mailer, MailError, PermanentMailError
from activities.mail_templates import MailTemplates
from domain.case import DeliveryStatus
from models.case import DeliveryRow
from models.database import Database
from models.people import Account
from models.tenant import Tenant

log = structlog.get_logger()


@dataclass(frozen=True)
class SendStep:
    """Which step's messages are to be sent."""

    tenant_id: UUID
    step_id: UUID


@dataclass(frozen=True)
class _Outgoing:
    delivery: DeliveryRow
    address: str
    name: str
    locale: str
    tenant_name: str
    timezone: str


class DeliveryActivities:
    def __init__(self, database: Database, mailer: Mailer, templates: MailTemplates, public_url: str) -> None:
        self._database = database
        self._mailer = mailer
        self._templates = templates
        self._public_url = public_url

    @activity.defn(name="deliveries.send_step")
    async def send_step(self, step: SendStep) -> int:
        """Sends what is unsent of a step, each row claimed, sent and marked; returns how many were sent now.

        A row that an earlier attempt claimed and never marked is sent again under the same Message-ID: SMTP cannot tell
        whether it arrived, and a receiver can drop the second copy. Raises MailError when the server asks to try later.
        """
        sent = 0
        for delivery_id in await self._unsent(step):
            activity.heartbeat()
            outgoing = await self._claim(step.tenant_id, delivery_id)
            if outgoing is None:
                continue
            structlog.contextvars.bind_contextvars(correlation_id=outgoing.delivery.correlation_id)
            try:
                await self._send(outgoing)
            except PermanentMailError as error:
                await self._mark(outgoing, DeliveryStatus.FAILED, error.code)
                log.warning("delivery_failed", delivery_id=str(delivery_id), code=error.code)
                _count(outgoing.delivery.channel, "failed")
                continue
            except MailError:
                _count(outgoing.delivery.channel, "put_off")
                raise
            await self._mark(outgoing, DeliveryStatus.SENT)
            _count(outgoing.delivery.channel, "sent")
            sent += 1
        return sent

    async def _unsent(self, step: SendStep) -> list[UUID]:
        async with self._database.transaction(step.tenant_id) as session:
            rows = await session.scalars(
                sa.select(col(DeliveryRow.id))
                .where(
                    col(DeliveryRow.tenant_id) == step.tenant_id,
                    col(DeliveryRow.step_id) == step.step_id,
                    col(DeliveryRow.status).in_([DeliveryStatus.PENDING, DeliveryStatus.SENDING]),
                )
                .order_by(col(DeliveryRow.id))
            )
            return list(rows)

    async def _claim(self, tenant_id: UUID, delivery_id: UUID) -> _Outgoing | None:
        async with self._database.transaction(tenant_id) as session:
            delivery = await session.get(DeliveryRow, delivery_id, with_for_update=True)
            if delivery is None or delivery.status in (DeliveryStatus.SENT, DeliveryStatus.FAILED):
                return None
            tenant = await session.get_one(Tenant, tenant_id)
            recipient = await session.get_one(Account, delivery.recipient_id)
            delivery.status = DeliveryStatus.SENDING
            delivery.attempts += 1
            delivery.claimed_at = datetime.now(UTC)
            delivery.message_id = self._mailer.message_id(delivery.id)
            return _Outgoing(
                delivery=delivery,
                address=recipient.email,
                name=recipient.full_name,
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
                "link": f"{self._public_url}/api/v1/{delivery.case_kind}s/{delivery.case_id}",
            },
        )
        await self._mailer.send(
            to=outgoing.address,
            subject=mail.subject,
            body=mail.body,
            message_id=delivery.message_id or "",
            at=delivery.due_at,
            correlation_id=delivery.correlation_id,
        )

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


def _count(channel: str, outcome: str) -> None:
    counter = activity.metric_meter().create_counter("casewright_deliveries", "Attempts to deliver, by outcome.")
    counter.add(1, {"channel": channel, "outcome": outcome})
