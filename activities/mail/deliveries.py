"""Sends the messages that a step has staged."""

import structlog
from temporalio import activity

from activities.mail.conversation import remember
from activities.mail.letters import Letters
from activities.mail.message import Letter
from activities.mail.outgoing import Outgoing, claim, mark
from activities.mail.own_smtp import OwnMailServers
from activities.mail.slow_work import beating, to_its_end
from activities.mail.smtp import Mailer, MailError, MailServer, MailServerAway, PermanentMailError
from domain.cases import PUT_OFF, CaseKind, DeliveryStatus, StepRef
from domain.mail.message_ids import relayed_as
from domain.mail.states import KnownAs
from models.database import Database

log = structlog.get_logger(__name__)


class DeliveryActivities:
    """`mailer` sends what no mailbox with a mail server of its own sends."""

    def __init__(
        self, database: Database, mailer: Mailer, letters: Letters, own_servers: OwnMailServers | None = None
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._letters = letters
        self._own_servers = own_servers

    @activity.defn(name="deliveries.send_step")
    async def send_step(self, step: StepRef) -> int:
        """Sends what is unsent of a step, each message claimed, sent and marked; returns how many were sent now.

        A message that an earlier attempt claimed and never marked is sent again under the same Message-ID: SMTP cannot
        tell whether it arrived, and a receiver can drop the second copy. One that has to be tried later does not keep
        the others back: MailError is raised for it at the end, or at once when the server takes no message at all.
        """
        sent = 0
        put_off: MailError | None = None
        async with beating():
            claimed = await claim(self._database, step.tenant_id, step.step_id, self._mailer.domain)
            for number, outgoing in enumerate(claimed):
                structlog.contextvars.bind_contextvars(correlation_id=outgoing.correlation_id)
                try:
                    sent += await to_its_end(self._deliver(outgoing))
                except MailServerAway:
                    for waiting in claimed[number + 1 :]:
                        await mark(self._database, waiting, DeliveryStatus.SENDING, PUT_OFF)
                    raise
                except MailError as error:
                    put_off = error
        if put_off:
            raise put_off
        return sent

    async def _deliver(self, outgoing: Outgoing) -> bool:
        """Sends one message; returns false when it can never be sent."""
        try:
            letter = await self._letters.write(outgoing)
            await self._remember(outgoing, (letter.message_id, KnownAs.SENT), *_anchor(letter))
            server = self._server_for(outgoing)
            answer = await server.send(letter)
        except PermanentMailError as error:
            await mark(self._database, outgoing, DeliveryStatus.FAILED, error.code)
            log.warning("delivery_failed", delivery_id=str(outgoing.id), code=error.code)
            _count(outgoing.channel, "failed")
            return False
        except MailError:
            await mark(self._database, outgoing, DeliveryStatus.SENDING, PUT_OFF)
            _count(outgoing.channel, "put_off")
            raise
        if relayed := relayed_as(answer, server.host):
            await self._remember(outgoing, (relayed, KnownAs.RELAYED))
        await mark(self._database, outgoing, DeliveryStatus.SENT)
        _count(outgoing.channel, "sent")
        return True

    def _server_for(self, outgoing: Outgoing) -> MailServer:
        talk = outgoing.conversation
        if talk is None or talk.own_server is None or self._own_servers is None:
            return self._mailer
        return self._own_servers.of(talk.tenant_id, talk.mailbox_id, talk.mailbox, talk.own_server)

    async def _remember(self, outgoing: Outgoing, *message_ids: tuple[str, KnownAs]) -> None:
        """So that answers are known by the ids that they refer to."""
        if outgoing.case_kind is CaseKind.TICKET and outgoing.case_id:
            await remember(self._database, outgoing.tenant_id, outgoing.case_id, outgoing.id, message_ids)


def _count(channel: str, outcome: str) -> None:
    counter = activity.metric_meter().create_counter("casewright_deliveries", "Attempts to deliver, by outcome.")
    counter.add(1, {"channel": channel, "outcome": outcome})


def _anchor(letter: Letter) -> list[tuple[str, KnownAs]]:
    return [(letter.thread.references[0], KnownAs.ANCHOR)] if letter.thread else []
