"""What tasks, their decisions and what they ask are called."""

from domain.kyc.review import DOCUMENTS, REASONS
from domain.tasks.rules import Decision, TaskKind, TaskStatus


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


_K, _D = TaskKind, Decision

KINDS = {
    _K.KYC_REVIEW: _("Review of the identity check"),
    _K.KYC_EXPIRY: _("An identity document has expired"),
    _K.QUOTE_APPROVAL: _("Approval of the quote"),
    _K.QUOTE_REQUEST: _("A quote is asked for"),
    _K.ORDER_VALIDATION: _("An order is to be looked at"),
    _K.FULFILMENT: _("To be delivered or done"),
    _K.UNDOING: _("To be undone by hand"),
    _K.CALLBACK: _("A customer asks to be called"),
    _K.MAIL_MATTER: _("Mail is to be looked at"),
    _K.BOOKING_CONFIRMATION: _("A booking is to be confirmed"),
    _K.INVOICE_UNPAID: _("An invoice is still unpaid"),
    _K.INVOICE_REFUND: _("A payment is to be returned"),
}
DECISIONS = {
    _D.APPROVE: _("Approve"),
    _D.REJECT: _("Reject"),
    _D.REQUEST_CHANGES: _("Ask for changes"),
    _D.DONE: _("It is done"),
}
DECIDED = {
    _D.APPROVE: _("Approved"),
    _D.REJECT: _("Rejected"),
    _D.REQUEST_CHANGES: _("Changes were asked for"),
    _D.DONE: _("Done"),
}
QUESTIONS = {
    DOCUMENTS: _("What becomes of each document"),
    REASONS: _("What is wrong with a document"),
}
"""What is asked by the field of that name; a field that is not here asks by its own title."""
OPTIONS = {"approved": _("Approve"), "rejected": _("Reject"), "true": _("Yes"), "false": _("No")}
STATES = {
    TaskStatus.PENDING: _("Waits"),
    TaskStatus.DONE: _("Decided"),
    TaskStatus.CANCELLED: _("No longer needed"),
}
FOLLOWS = {
    (_K.KYC_REVIEW, _D.APPROVE): _("the customer is approved, and can be made active."),
    (_K.KYC_REVIEW, _D.REQUEST_CHANGES): _("they replace what was rejected, and are reminded of it."),
    (_K.KYC_REVIEW, _D.REJECT): _("all documents under review are rejected, and the customer reads why."),
    (_K.QUOTE_APPROVAL, _D.APPROVE): _("the quote can be sent."),
    (_K.QUOTE_APPROVAL, _D.REJECT): _("who wrote the quote reads why, and can change it."),
    (_K.QUOTE_REQUEST, _D.DONE): _("the request is answered; a quote does this by itself."),
    (_K.QUOTE_REQUEST, _D.REJECT): _("the customer reads that there is no quote, and why."),
    (_K.ORDER_VALIDATION, _D.APPROVE): _("stock is reserved and the invoice written."),
    (_K.ORDER_VALIDATION, _D.REJECT): _("the order ends, and the customer reads why."),
    (_K.FULFILMENT, _D.DONE): _("this part of the order counts as delivered."),
    (_K.FULFILMENT, _D.REJECT): _("the order is undone, step by step."),
    (_K.UNDOING, _D.DONE): _("the order can end; nothing of it is left."),
    (_K.BOOKING_CONFIRMATION, _D.APPROVE): _("the customer gets the confirmation with the invitation."),
    (_K.BOOKING_CONFIRMATION, _D.REJECT): _("the place is free again, and the customer reads why."),
    (_K.INVOICE_REFUND, _D.DONE): _("the payment counts as returned."),
}
"""What a decision causes, after "Then:"."""

ROLES = {
    "admin": _("administrators"),
    "manager": _("managers"),
    "agent": _("agents"),
    "reviewer": _("reviewers"),
    "client": _("customers"),
}
