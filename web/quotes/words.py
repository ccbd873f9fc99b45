"""What states and steps of quotes are called: by staff, and by customers."""

from domain.quotes.events import QuoteEvent
from domain.quotes.rules import QuoteStatus


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


_S, _E = QuoteStatus, QuoteEvent

STATES = {
    _S.DRAFT: _("Draft"),
    _S.PENDING_APPROVAL: _("Waits for approval"),
    _S.APPROVED: _("Approved"),
    _S.REJECTED: _("Not approved"),
    _S.SENT: _("Sent"),
    _S.ACCEPTED: _("Accepted"),
    _S.DECLINED: _("Declined"),
    _S.EXPIRED: _("Expired"),
    _S.SUPERSEDED: _("Replaced"),
    _S.WITHDRAWN: _("Withdrawn"),
    _S.CONVERTED: _("Ordered"),
}
STATES_TOLD = STATES | {
    _S.SENT: _("Waits for your answer"),
    _S.SUPERSEDED: _("Replaced by a newer version"),
}
MARKS = {
    _S.DRAFT: "plain",
    _S.PENDING_APPROVAL: "soon",
    _S.APPROVED: "open",
    _S.REJECTED: "late",
    _S.SENT: "still",
    _S.ACCEPTED: "met",
    _S.DECLINED: "plain",
    _S.EXPIRED: "plain",
    _S.SUPERSEDED: "plain",
    _S.WITHDRAWN: "plain",
    _S.CONVERTED: "met",
}
STEPS = {
    _E.OPENED: _("Written"),
    _E.EDITED: _("Changed"),
    _E.SUBMITTED: _("Approval was asked for"),
    _E.APPROVED_WITHIN_LIMITS: _("Approved, within the limits"),
    _E.APPROVED: _("Approved"),
    _E.REJECTED: _("Not approved"),
    _E.SENT: _("Sent"),
    _E.RESENT: _("Sent again"),
    _E.REMINDED: _("The customer was reminded"),
    _E.ACCEPTED: _("Accepted"),
    _E.DECLINED: _("Declined"),
    _E.EXPIRED: _("Expired"),
    _E.SUPERSEDED: _("Replaced by a newer version"),
    _E.APPROVAL_WITHDRAWN: _("The approval is not asked for any more"),
    _E.WITHDRAWN: _("Withdrawn"),
    _E.CONVERTED: _("An order came of it"),
    _E.DELETED: _("Deleted"),
}
OVER = {
    "quote_accepted": (
        _("This quote was accepted"),
        _("It can no longer be opened by its link, for the time of that is over. It stays as it was accepted."),
    ),
    "quote_converted": (
        _("This quote has become an order"),
        _("It can no longer be opened by its link, for the time of that is over. It stays as it was accepted."),
    ),
    "quote_declined": (
        _("This quote was declined"),
        _("It can no longer be accepted. Ask us for another one if you have changed your mind."),
    ),
    "quote_expired": (
        _("This quote has expired"),
        _("The day until which it could be accepted is over. Ask us, and we make you a new one."),
    ),
    "quote_withdrawn": (
        _("We have withdrawn this quote"),
        _("It can no longer be accepted. Ask us if you still need it, and we make you a new one."),
    ),
    "quote_superseded": (
        _("A newer version has replaced this quote"),
        _("It comes by mail with a link of its own, once it is ready. What stood here can no longer be accepted."),
    ),
}
"""What a quote that is over says by its link: what became of it, and why nothing can be done with it."""
LINE_FIELDS = {
    "line": _("Line"),
    "product_id": _("product"),
    "name": _("what it is"),
    "description": _("description"),
    "quantity": _("quantity"),
    "unit_price": _("price"),
    "discount_bp": _("discount"),
    "tax_rate_bp": _("tax"),
    "exemption": _("why no tax is due"),
}
