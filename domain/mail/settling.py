"""What people may still decide about a mail, by its state."""

from enum import StrEnum

from domain.mail.states import MailState
from domain.refusal import Refusal


class Deed(StrEnum):
    """`accept` lets a mail into a ticket, `spam` and `not_spam` say what it is, `reprocess` reads and decides anew,
    `delete` takes its content away."""

    ACCEPT = "accept"
    SPAM = "spam"
    NOT_SPAM = "not_spam"
    REPROCESS = "reprocess"
    DELETE = "delete"


_S = MailState
_IN_NO_TICKET = frozenset({_S.HELD, _S.SPAM, _S.AUTOMATIC, _S.IGNORED, _S.FAILED})

MAY = {
    Deed.ACCEPT: frozenset({_S.HELD, _S.AUTOMATIC, _S.IGNORED}),
    Deed.SPAM: frozenset({_S.HELD, _S.AUTOMATIC, _S.IGNORED, _S.FAILED}),
    Deed.NOT_SPAM: frozenset({_S.SPAM}),
    Deed.REPROCESS: _IN_NO_TICKET | {_S.BOUNCE},
    Deed.DELETE: frozenset(_S) - {_S.RECEIVED, _S.DELETED},
}


def require_open(deed: Deed, state: MailState) -> None:
    """Raises Refusal `mail_settled` for what cannot be decided any more about a mail in this state."""
    if state not in MAY[deed]:
        raise Refusal("mail_settled", f"A mail that is {state} cannot be decided upon like this any more.")
