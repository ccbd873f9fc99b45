"""Which workflow is which kind of case, and how a first command starts it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.cases import CaseKind
from workflows.kyc.lifecycle import KycWorkflow
from workflows.kyc.messages import KycStart
from workflows.quote_requests.lifecycle import QuoteRequestWorkflow
from workflows.quote_requests.messages import QuoteRequestStart
from workflows.quotes.lifecycle import QuoteWorkflow
from workflows.quotes.messages import QuoteStart
from workflows.tickets.lifecycle import TicketWorkflow
from workflows.tickets.messages import TicketStart


@dataclass(frozen=True)
class Lifecycle:
    """A workflow by type, the input that starts it, and the command that opens a case of its kind."""

    workflow: type
    start: type
    opens: str

    def start_input(self, tenant_id: UUID, case_id: UUID, command_kind: str) -> Any:
        """What a run begins with when this command finds none."""
        return self.start(tenant_id=tenant_id, case_id=case_id, new=command_kind == self.opens)


LIFECYCLES: dict[CaseKind, Lifecycle] = {
    CaseKind.TICKET: Lifecycle(TicketWorkflow, TicketStart, opens="ticket.open"),
    # Its row is there before any workflow: no command opens it without one.
    CaseKind.KYC: Lifecycle(KycWorkflow, KycStart, opens=""),
    CaseKind.QUOTE: Lifecycle(QuoteWorkflow, QuoteStart, opens="quote.open"),
    CaseKind.QUOTE_REQUEST: Lifecycle(QuoteRequestWorkflow, QuoteRequestStart, opens="quote_request.open"),
}
