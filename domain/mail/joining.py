"""Which way a mail goes: into the ticket that it names, into one of its own, or to a person who decides.

A secret (`NamedBy.secret`) joins whoever takes part, a number whoever takes part and is proven to be the sender. All
others get a ticket of their own, and learn nothing of the one that they named.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.mail.naming import Named
from domain.mail.states import HeldFor, Verdict


class Who(StrEnum):
    """Who a sender is to the ticket that the mail names, or to the tenant where it names none."""

    REQUESTER = "requester"
    COLLEAGUE = "colleague"
    PARTICIPANT = "participant"
    STAFF = "staff"
    STRANGER = "stranger"

    @property
    def takes_part(self) -> bool:
        """Whether the ticket is theirs too."""
        return self in (Who.REQUESTER, Who.COLLEAGUE, Who.PARTICIPANT)


class Link(StrEnum):
    """How the ticket of a mail's own is linked to the one that it named."""

    LINKED = "linked"
    SUGGESTED = "suggested"


@dataclass(frozen=True)
class Join:
    """It becomes a message of the ticket that it names, of the staff's if `as_staff`. One that `reopens` opens the
    ticket again if it is closed."""

    as_staff: bool = False
    reopens: bool = False


@dataclass(frozen=True)
class Own:
    """It opens a ticket of its own."""

    link: Link | None = None


@dataclass(frozen=True)
class Hold:
    """It waits for a person."""

    held_for: HeldFor


Way = Join | Own | Hold


def way(who: Who, named: Named | None, verdict: Verdict, *, closed: bool = False, reopens: bool = False) -> Way:
    """Which way a mail goes that somebody sent who is `who` to the ticket that it names.

    `closed` says that the named ticket is, `reopens` that the tenant wants a reply to open it again. For a ticket that
    is closed only when the mail arrives there the answer is asked for once more.
    """
    if verdict is Verdict.FAIL:
        return Hold(HeldFor.UNAUTHENTICATED)
    if who is Who.STAFF:
        return _of_staff(named, verdict)
    if named is None:
        return Own()
    if not who.takes_part:
        return Own(Link.SUGGESTED)
    if not (named.by.secret or verdict is Verdict.PASS):
        return Own(Link.LINKED)
    if closed and not reopens:
        return Own(Link.LINKED)
    return Join(reopens=closed)


def _of_staff(named: Named | None, verdict: Verdict) -> Way:
    """Staff answer by the address of their own notification, which nobody else has had. Their answer opens a closed
    ticket again, as they may on its page."""
    if verdict is Verdict.PASS and named is not None and named.person_id is not None:
        return Join(as_staff=True, reopens=True)
    return Hold(HeldFor.STAFF_UNPROVEN)
