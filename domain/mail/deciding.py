"""What becomes of a mail, once all is known that matters for it."""

from dataclasses import dataclass, field
from enum import StrEnum

from domain.mail.automatic import Automatic
from domain.mail.joining import Hold, Join, Own, Way, Who, way
from domain.mail.naming import Named
from domain.mail.rules import Choices
from domain.mail.settings import MailSettings
from domain.mail.states import HeldFor, MailState, Verdict


class Why(StrEnum):
    """Codes for outcomes that the state alone does not explain."""

    OWN_MAIL = "own_mail"
    RULE = "rule"
    SCORE = "score"
    NO_SENDER = "no_sender"
    UNPROVEN_REPORT = "unproven_report"


@dataclass(frozen=True)
class Wish:
    """What a person has said of a mail that is decided anew: whether it is accepted whoever it is from, and into which
    ticket; or that it is no spam."""

    accepted: bool = False
    not_spam: bool = False
    into_ticket: bool = False


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is known of a mail. `ours` came from an address of the tenant's own, or is a mail that we have sent.

    `who` and `closed` are about the ticket that is `named`; `refused` says that this ticket's workflow has already
    refused the mail. `floods` means that it is one too many.
    """

    ours: bool = False
    sender_known: bool = True
    automatic: Automatic | None = None
    score: int = 0
    choices: Choices = field(default_factory=Choices)
    verdict: Verdict = Verdict.NONE
    who: Who = Who.STRANGER
    named: Named | None = None
    closed: bool = False
    refused: bool = False
    suspended: bool = False
    floods: bool = False
    wish: Wish = field(default_factory=Wish)
    settings: MailSettings = field(default_factory=MailSettings)


@dataclass(frozen=True)
class Outcome:
    """The state that a mail gets and, where it has one, its way into a ticket. An `automatic` one that has a way shows
    on the ticket, and changes nothing there."""

    state: MailState
    way: Way | None = None
    held_for: HeldFor | None = None
    why: str | None = None


def outcome(seen: Seen) -> Outcome:
    """What becomes of the mail."""
    wish, choices = seen.wish, seen.choices
    if seen.ours:
        return Outcome(MailState.IGNORED, why=Why.OWN_MAIL)
    if choices.ignore and not wish.accepted:
        return Outcome(MailState.IGNORED, why=Why.RULE)
    if not (wish.accepted or wish.not_spam):
        if choices.spam:
            return Outcome(MailState.SPAM, why=Why.RULE)
        if seen.score >= seen.settings.spam_from:
            return Outcome(MailState.SPAM, why=Why.SCORE)
    if not seen.sender_known:
        return _held(HeldFor.UNAUTHENTICATED, Why.NO_SENDER)
    goes = _way(seen)
    if seen.automatic and not wish.accepted and not _opens_as_list(seen):
        return _of_machine(seen, goes)
    return _settled(seen, goes)


def _way(seen: Seen) -> Way:
    if seen.wish.accepted:
        if seen.wish.into_ticket and not seen.closed:
            return Join(as_staff=seen.who is Who.STAFF)
        # A person has looked: it goes where a proven one would go.
        proven = way(seen.who, seen.named, Verdict.PASS, closed=seen.closed, reopens=_reopens(seen))
        return Own() if isinstance(proven, Hold) else proven
    found = way(seen.who, seen.named, seen.verdict, closed=seen.closed, reopens=_reopens(seen))
    if seen.refused and isinstance(found, Join) and found.as_staff:
        return Hold(HeldFor.STAFF_UNPROVEN)
    return found


def _reopens(seen: Seen) -> bool:
    return seen.settings.reopen_on_reply and not seen.refused


def _opens_as_list(seen: Seen) -> bool:
    to_many = seen.automatic is not None and seen.automatic.to_many
    return to_many and seen.named is None and seen.settings.lists_open_tickets


def _of_machine(seen: Seen, goes: Way) -> Outcome:
    """What a machine wrote shows on the ticket that it names by a secret, and opens none."""
    if seen.named is None or not (seen.named.by.secret or isinstance(goes, Join)):
        return Outcome(MailState.AUTOMATIC)
    if seen.verdict is Verdict.FAIL:
        return _held(HeldFor.UNAUTHENTICATED)
    if seen.floods:
        return _held(HeldFor.FLOOD)
    return Outcome(MailState.AUTOMATIC, way=goes if isinstance(goes, Join) and not goes.as_staff else None)


def _settled(seen: Seen, goes: Way) -> Outcome:
    if isinstance(goes, Hold):
        return _held(goes.held_for)
    if seen.suspended and not seen.wish.accepted:
        return _held(HeldFor.SUSPENDED)
    if seen.floods and not seen.wish.accepted:
        return _held(HeldFor.FLOOD)
    return Outcome(MailState.JOINED if isinstance(goes, Join) else MailState.OPENED, way=goes)


def _held(held_for: HeldFor, why: str | None = None) -> Outcome:
    return Outcome(MailState.HELD, held_for=held_for, why=why)


def may_acknowledge(seen: Seen, settled: Outcome, *, undeliverable: bool, answers_left: bool) -> bool:
    """Whether the sender of a mail that has opened a ticket is told so by a machine.

    `undeliverable` says that mails to the address do not arrive, `answers_left` that it has not had its share today.
    """
    return (
        settled.state is MailState.OPENED
        and isinstance(settled.way, Own)
        and seen.automatic is None
        and seen.verdict is not Verdict.FAIL
        and seen.score < seen.settings.marked_from
        and not seen.choices.no_answer
        and not undeliverable
        and answers_left
    )
