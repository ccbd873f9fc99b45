"""Where the pages of cases are."""

from uuid import UUID

from domain.cases import CaseKind

_ADDRESSES = {
    CaseKind.TICKET: "/tickets/{id}",
    CaseKind.KYC: "/customers/{id}/kyc",
    CaseKind.QUOTE: "/quotes/{id}",
    CaseKind.QUOTE_REQUEST: "/quote-requests/{id}",
}


def page_of(kind: str, case_id: UUID) -> str | None:
    """The address of a case's page; None for kinds that have none."""
    address = _ADDRESSES.get(CaseKind(kind))
    return address.format(id=case_id) if address else None
