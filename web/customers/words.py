"""What states and kinds of customers are called."""

from domain.customers.states import CustomerKind, CustomerStatus
from domain.kyc.rules import Risk


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


KINDS = {CustomerKind.INDIVIDUAL: _("A person"), CustomerKind.CORPORATE: _("A company")}
STATES = {
    CustomerStatus.PENDING: _("Not active yet"),
    CustomerStatus.ACTIVE: _("Active"),
    CustomerStatus.SUSPENDED: _("Suspended"),
    CustomerStatus.INACTIVE: _("Ended"),
}
MARKS = {
    CustomerStatus.PENDING: "soon",
    CustomerStatus.ACTIVE: "met",
    CustomerStatus.SUSPENDED: "late",
    CustomerStatus.INACTIVE: "plain",
}
RISKS = {Risk.NORMAL: _("Normal risk"), Risk.HIGH: _("High risk")}
OPENINGS = {"kyc_document.seen": _("looked at"), "kyc_document.downloaded": _("downloaded")}
"""What somebody did with a document, after their name."""
