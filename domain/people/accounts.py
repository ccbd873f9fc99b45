"""The outcomes of logins, the ends of sessions, and the purposes of mailed tokens."""

from datetime import timedelta
from enum import StrEnum


class PlatformRole(StrEnum):
    """A role above all tenants."""

    SUPERADMIN = "superadmin"


class LoginOutcome(StrEnum):
    """How an attempt to log in ended; only `success` gives tokens, and the others answer alike."""

    SUCCESS = "success"
    REFUSED = "refused"
    LOCKED = "locked"


class SessionEnd(StrEnum):
    """Why a session ended before its time."""

    LOGOUT = "logout"
    PASSWORD = "password"  # noqa: S105  a reason, not a secret
    REUSE = "reuse"
    REMOVED = "removed"


class TokenPurpose(StrEnum):
    """What a mailed token allows, once."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105  a purpose, not a secret
    INVITATION = "invitation"

    @property
    def lifetime(self) -> timedelta:
        """How long the token can be used."""
        return _LIFETIMES[self]


_LIFETIMES = {
    TokenPurpose.VERIFY_EMAIL: timedelta(hours=24),
    TokenPurpose.RESET_PASSWORD: timedelta(hours=1),
    TokenPurpose.INVITATION: timedelta(days=7),
}


class Theme(StrEnum):
    """What the pages look like to one who does not leave it to the device."""

    LIGHT = "light"
    DARK = "dark"


class SingleKeys(StrEnum):
    """Whether one key alone does something on the pages; who speaks to their device or slips off switches it off
    (WCAG 2.2, 2.1.4)."""

    OFF = "off"


class Density(StrEnum):
    """How much of the pages one sees at once, where it is not the usual."""

    COMPACT = "compact"


class ListPage(StrEnum):
    """The lists of which people keep views."""

    TICKETS = "tickets"
