"""What states and steps of a request for a quote are called: by staff, and by customers."""

from domain.quote_requests.rules import QuoteRequestEvent, QuoteRequestStatus


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


_S, _E = QuoteRequestStatus, QuoteRequestEvent

STATES = {
    _S.OPEN: _("Waits for a quote"),
    _S.QUOTED: _("A quote was written"),
    _S.DECLINED: _("Declined"),
    _S.CLOSED: _("Answered otherwise"),
    _S.WITHDRAWN: _("Withdrawn"),
}
STATES_TOLD = {
    _S.OPEN: _("In work"),
    _S.QUOTED: _("We write you a quote"),
    _S.DECLINED: _("We cannot offer this"),
    _S.CLOSED: _("Answered"),
    _S.WITHDRAWN: _("Withdrawn"),
}
MARKS = {_S.OPEN: "open", _S.QUOTED: "met", _S.DECLINED: "plain", _S.CLOSED: "plain", _S.WITHDRAWN: "plain"}
STEPS = {
    _E.OPENED: _("Asked"),
    _E.QUOTED: _("A quote was written"),
    _E.DECLINED: _("Declined"),
    _E.CLOSED: _("Answered otherwise"),
    _E.WITHDRAWN: _("Withdrawn"),
}
