"""What happens to a booking, as its timeline names it."""

from enum import StrEnum


class BookingEvent(StrEnum):
    OPENED = "opened"
    ASKED_FOR = "asked_for"
    CONFIRMED = "confirmed"
    MOVED = "moved"
    REMINDED = "reminded"
    CHECKED_IN = "checked_in"
    BEGUN = "begun"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FOLLOWED_UP = "followed_up"


SHOWN_TO_CUSTOMERS = frozenset(BookingEvent)
"""All of it: it is their own appointment."""
