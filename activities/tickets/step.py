"""What a ticket's steps write besides its own row: clocks, posted messages, and mails."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from activities.cases.aggregate import Aggregate, Reading, Taking
from activities.cases.step import CaseNotice, Notice, Step
from activities.tickets.clocks import Standing, advance, due_times, record_moment, store_clocks, ticket_moments
from activities.tickets.references import require_references, target_gone
from domain.tickets.sla.clocks import Clocks, Moment
from domain.tickets.state import ReplyBy, TicketState
from models.base import UTC_TIME
from models.plain import Plain
from models.round_trips import send_with_next
from models.tickets import Ticket, TicketMessage
from stores.people import recipients
from stores.tickets.clocks import CLOCKS_OF_TICKET, clocks_of, stored_clocks
from stores.tickets.participants import outsiders
from stores.tickets.service_levels import ServiceLevels, Terms

_TARGET_GONE = CaseNotice("sla_escalation", "role:manager")
_ANSWERED = CaseNotice("ticket_answered", "requester")
_POST = Plain(
    sa.update(TicketMessage)
    .where(
        col(TicketMessage.id) == sa.bindparam("of_message"), col(TicketMessage.ticket_id) == sa.bindparam("of_ticket")
    )
    .values(posted_at=sa.bindparam("posted_at", type_=UTC_TIME))
)


@dataclass(frozen=True, kw_only=True)
class TicketStep(Step[TicketState]):
    """`message_id` is a message that this step posts, and `reply` whose reply it is, if it is one. `moment` is the
    warning, breach or escalation that the step records. `chooses_terms` says that the ticket's policy is looked up
    anew. `participants` take part from then on, those who are `no_longer` do not; `delivery_id` is a message that did
    not arrive."""

    state: TicketState
    message_id: UUID | None = None
    reply: ReplyBy | None = None
    moment: Moment | None = None
    chooses_terms: bool = False
    reopen_until: datetime | None = None
    participants: tuple[UUID, ...] = ()
    no_longer: tuple[UUID, ...] = ()
    delivery_id: UUID | None = None


class Tickets(Aggregate[Ticket, TicketState, TicketStep]):
    prefix, digits = "TCK", 5
    born_with = ("status", "priority", "customer_id", "requester_id", "group_id")
    asks_people = False
    beside = (CLOCKS_OF_TICKET,)

    def __init__(self, service_levels: ServiceLevels) -> None:
        self._service_levels = service_levels

    def open_rows(self) -> sa.ColumnElement[bool]:
        return col(Ticket.archived_at).is_(None)

    async def known(self, case: Reading[Ticket]) -> dict[str, Any]:
        row = case.row
        return _known(row, await stored_clocks(case.session, row.id), await self._terms(case.session, row))

    async def take(self, taking: Taking[Ticket, TicketStep]) -> None:
        session, step, ticket = taking.session, taking.step, taking.row
        clocks = clocks_of(taking.beside[0])
        was = Standing(ticket.status, ticket.priority, await self._terms(session, ticket))
        if step.by_command:
            await require_references(session, taking.values)
        elif gone := await target_gone(session, step.moment, was.terms):
            # The ticket stays where it is: nobody could be asked to try again, and its other deadlines must come.
            taking.told["target_gone"] = gone
            taking.values = {name: taking.values[name] for name in taking.values.keys() - {"group_id", "assignee_id"}}
        # A ticket that was opened without terms does not get any later.
        anew = step.chooses_terms and (taking.opens or was.terms is not None)
        terms = await self._service_levels.current_for(session, ticket) if anew else was.terms
        now = Standing(taking.values.get("status", was.status), taking.values.get("priority", was.priority), terms)
        after = advance(clocks, step, step.moment, step.reply, was, now)
        taking.values |= due_times(after) | {"sla_terms_id": terms.id if terms else None}
        if step.reply is ReplyBy.AGENT and ticket.first_responded_at is None:
            taking.values["first_responded_at"] = step.at
        store_clocks(session, step, clocks, after)
        if step.moment:
            await record_moment(session, step, step.moment)
        taking.told |= _told(step)
        if step.message_id:
            send_with_next(session, _POST(posted_at=step.at, of_message=step.message_id, of_ticket=step.case_id))
        taking.known = _known(ticket, after, terms) | {"as_of": step.at}

    async def notices(self, taking: Taking[Ticket, TicketStep]) -> list[Notice]:
        session, step, ticket = taking.session, taking.step, taking.row
        wanted = (_TARGET_GONE,) if "target_gone" in taking.told else step.notices
        if not wanted:
            return []
        context = _context(step, ticket, await stored_clocks(session, ticket.id) if step.moment else None)
        copied = await outsiders(session, ticket.id) if _ANSWERED in wanted else []
        return [
            Notice(notice.template, account_id, context)
            for notice in wanted
            for account_id in await recipients(session, ticket, notice.audience)
            # Nobody is told of their own deed, but who asked for something is: what they get is a receipt.
            if notice.audience == "requester" or account_id != step.actor.id
        ] + [Notice("ticket_copied", None, context, participant_id=outsider.id) for outsider in copied]

    async def _terms(self, session: AsyncSession, ticket: Ticket) -> Terms | None:
        return await self._service_levels.terms(session, ticket.sla_terms_id) if ticket.sla_terms_id else None


def _known(ticket: Ticket, clocks: Clocks | None, terms: Terms | None) -> dict[str, Any]:
    return {
        "moments": ticket_moments(clocks, terms),
        "answer_by": clocks.owed_by if clocks else None,
        "as_of": ticket.updated_at,
    }


def _told(step: TicketStep) -> dict[str, Any]:
    """What the timeline shows besides: who takes part by the ids of their rows, and which message did not arrive."""
    told = {
        "participants_added": [str(each) for each in step.participants],
        "participants_removed": [str(each) for each in step.no_longer],
        "delivery_id": str(step.delivery_id) if step.delivery_id else None,
    }
    return {name: value for name, value in told.items() if value}


def _context(step: TicketStep, ticket: Ticket, clocks: Clocks | None) -> dict[str, Any]:
    context: dict[str, Any] = {"number": ticket.number, "subject": ticket.subject}
    if step.message_id:
        context["message_id"] = str(step.message_id)
    if step.reopen_until:
        context["reopen_until_at"] = step.reopen_until.isoformat()
    if step.moment and clocks and (clock := clocks.of(step.moment.clock)):
        context |= {"clock": clock.kind, "target_at": (clock.due_at or step.moment.at).isoformat()}
    return context
