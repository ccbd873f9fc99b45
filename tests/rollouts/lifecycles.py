"""Kinds of cases as other code would have them: the present ones with another workflow."""

from collections.abc import Mapping
from dataclasses import replace

from temporalio import workflow

from api.cases.kinds import Kind
from api.registry import KINDS
from domain.cases import CaseKind
from domain.tickets.state import TicketState
from workflows.parts.messages import CaseStart
from workflows.policies import STEP_TIMEOUT
from workflows.tickets.lifecycle import TicketWorkflow


def with_tickets(changed: type[TicketWorkflow]) -> Mapping[CaseKind, Kind]:
    """All kinds, with other code for tickets."""
    return KINDS | {CaseKind.TICKET: replace(KINDS[CaseKind.TICKET], workflow=changed)}


async def look_once_more(ticket: TicketWorkflow) -> None:
    """One more activity before the messages of a step are sent, but for the receipt that every ticket begins with."""
    await workflow.execute_activity("ticket.load", ticket.case.ref, start_to_close_timeout=STEP_TIMEOUT)


@workflow.defn(name="TicketWorkflow")
class LooksTwice(TicketWorkflow):
    """A change that breaks replay, made without a patch."""

    @workflow.init
    def __init__(self, start: CaseStart[TicketState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[TicketState]) -> None:
        await self.live(start)

    async def before_messages(self) -> None:
        if self.case.version > 1:
            await look_once_more(self)


@workflow.defn(name="TicketWorkflow")
class LooksTwiceFromNowOn(TicketWorkflow):
    """The same change, made with a patch."""

    @workflow.init
    def __init__(self, start: CaseStart[TicketState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[TicketState]) -> None:
        await self.live(start)

    async def before_messages(self) -> None:
        if self.case.version > 1 and workflow.patched("look-once-more"):
            await look_once_more(self)
