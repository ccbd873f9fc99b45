"""What documents and states of an identity check are called."""

from domain.customers.states import KycStatus
from domain.kyc.rules import DocumentStatus, DocumentType


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


_D, _S, _K = DocumentType, DocumentStatus, KycStatus

DOCUMENTS = {
    _D.NATIONAL_ID: _("National identity card"),
    _D.PASSPORT: _("Passport"),
    _D.DRIVING_LICENCE: _("Driving licence"),
    _D.PROOF_OF_ADDRESS: _("Proof of address"),
    _D.COMPANY_REGISTRATION: _("Company registration"),
    _D.TAX_CERTIFICATE: _("Tax certificate"),
    _D.BANK_STATEMENT: _("Bank statement"),
}
REQUIREMENTS = {
    "identity": _("Proof of identity"),
    "proof_of_address": _("Proof of address"),
    "company_registration": _("Company registration"),
    "tax_certificate": _("Tax certificate"),
}
STATES = {
    _S.UPLOADED: _("Handed in"),
    _S.APPROVED: _("Approved"),
    _S.REJECTED: _("To be replaced"),
    _S.EXPIRED: _("Expired"),
}
MARKS = {_S.UPLOADED: "open", _S.APPROVED: "met", _S.REJECTED: "late", _S.EXPIRED: "late"}
CHECKS = {
    _K.NONE: _("Not begun"),
    _K.COLLECTING: _("Documents are collected"),
    _K.UNDER_REVIEW: _("Under review"),
    _K.CHANGES_REQUESTED: _("Changes were asked for"),
    _K.APPROVED: _("Approved"),
    _K.REJECTED: _("Rejected"),
    _K.EXPIRED: _("Expired"),
}
CHECK_MARKS = {
    _K.NONE: "plain",
    _K.COLLECTING: "open",
    _K.UNDER_REVIEW: "open",
    _K.CHANGES_REQUESTED: "soon",
    _K.APPROVED: "met",
    _K.REJECTED: "late",
    _K.EXPIRED: "late",
}
