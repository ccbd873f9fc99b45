"""Where the pages of cases are."""

from uuid import UUID

from domain.cases import CaseKind

_ADDRESSES = {
    CaseKind.TICKET: "/tickets/{id}",
    CaseKind.KYC: "/customers/{id}/kyc",
    CaseKind.QUOTE: "/quotes/{id}",
    CaseKind.QUOTE_REQUEST: "/quote-requests/{id}",
}


def page_of(kind: str, case_id: UUID, *, for_customer: bool = False) -> str | None:
    """The address of a case's page; None for kinds that have none. A customer's identity check is at an address of its
    own for its people."""
    if for_customer and kind == CaseKind.KYC:
        return "/kyc"
    address = _ADDRESSES.get(CaseKind(kind))
    return address.format(id=case_id) if address else None
