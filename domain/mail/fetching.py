"""What a mailbox's workflow hears of the work at the server: ids, counts, codes and times."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.mail.states import MailboxState, Waits

ARRIVED = "arrived"
"""The signal by which a mailbox's workflow hears that mails were kept."""

FAILING_FROM = 3
"""So many errors in a row, and a mailbox is failing."""

_FIRST_PAUSE = timedelta(seconds=5)
_FIRST_PAUSE_WHEN_FAILING = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)

LOGIN_CODES = frozenset({"login_refused", "token_refused", "secret_unreadable"})
"""What trying again at once makes worse: providers lock accounts."""


class Ended(StrEnum):
    """Why a turn at a mailbox has ended: it took its time, it failed, nobody shall fetch there now, or the mailbox is
    no more."""

    IN_TIME = "in_time"
    FAILED = "failed"
    AT_REST = "at_rest"
    GONE = "gone"


@dataclass(frozen=True)
class Standing:
    """How a mailbox stands. `behind` is how many mails were seen at the server that are not kept yet, `last_error` a
    code, `next_try_at` when it is tried again."""

    state: MailboxState
    waits: Waits
    last_uid: int = 0
    behind: int = 0
    last_mail_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
    next_try_at: datetime | None = None


@dataclass(frozen=True)
class Fetched:
    """How a turn at a mailbox has ended, and how many mails it has kept; after a failure it is tried again in
    `pause_seconds`."""

    ended: Ended
    kept: int = 0
    pause_seconds: float = 0.0
    standing: Standing | None = None


def state_after(errors: int) -> MailboxState:
    """What a mailbox is after so many errors in a row."""
    return MailboxState.FAILING if errors >= FAILING_FROM else MailboxState.ACTIVE


def pause_after(errors: int, code: str) -> timedelta:
    """How long to wait after so many errors in a row, the last of them `code`, before the next try."""
    if code in LOGIN_CODES and errors >= FAILING_FROM:
        return LONGEST_PAUSE
    if errors < FAILING_FROM:
        return _FIRST_PAUSE * errors
    return min(LONGEST_PAUSE, _FIRST_PAUSE_WHEN_FAILING * (1 << min(errors - FAILING_FROM, 16)))
