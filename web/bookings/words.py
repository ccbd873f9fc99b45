"""What states of a booking are called by who has booked."""

from domain.bookings.rules import BookingStatus


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


_S = BookingStatus

STATES = {
    _S.HELD: _("Waits for you to confirm it"),
    _S.PENDING: _("We confirm it soon"),
    _S.CONFIRMED: _("Confirmed"),
    _S.IN_PROGRESS: _("You are here"),
    _S.COMPLETED: _("Over"),
    _S.NO_SHOW: _("You were not there"),
    _S.CANCELLED: _("Cancelled"),
    _S.EXPIRED: _("Not confirmed in time"),
}
MARKS = {
    _S.HELD: "soon",
    _S.PENDING: "open",
    _S.CONFIRMED: "met",
    _S.IN_PROGRESS: "met",
    _S.COMPLETED: "plain",
    _S.NO_SHOW: "late",
    _S.CANCELLED: "plain",
    _S.EXPIRED: "plain",
}
CAN_MOVE = frozenset({_S.HELD, _S.PENDING, _S.CONFIRMED})
"""In which states its page offers to move and cancel it. Whether it can be is the API's to say."""
