"""Which workflow is which kind of case, and how a first command starts it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.case import CaseKind
from workflows.kyc import KycWorkflow
from workflows.kyc_messages import KycStart
from workflows.quote import QuoteWorkflow
from workflows.quote_messages import QuoteStart
from workflows.quote_request import QuoteRequestWorkflow
from workflows.quote_request_messages import QuoteRequestStart
from workflows.ticket import TicketWorkflow
from workflows.ticket_messages import TicketStart


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
