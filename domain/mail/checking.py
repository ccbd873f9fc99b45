"""What is found when a mailbox is tried out, step by step."""

from dataclasses import dataclass
from enum import StrEnum

CHECK_SECONDS = 15.0
"""So long does all of it take at most."""

OK = "ok"
NOT_TRIED = "not_tried"
"""A step before it has failed."""
TOO_SLOW = "too_slow"


class CheckStep(StrEnum):
    """`address`: a mail that is sent to the mailbox's address, with a tag where it takes those, arrives in it."""

    WORKER = "worker"
    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    LOGIN = "login"
    FOLDER = "folder"
    IDLE = "idle"
    MOVE = "move"
    SMTP = "smtp"
    ADDRESS = "address"


@dataclass(frozen=True)
class CheckLine:
    """What came of a step: `ok`, or a code for why not."""

    step: CheckStep
    code: str


AT_SERVER = (CheckStep.RESOLVE, CheckStep.CONNECT, CheckStep.TLS, CheckStep.LOGIN, CheckStep.FOLDER)

FAILED_AT = {
    "host_unknown": CheckStep.RESOLVE,
    "host_refused": CheckStep.RESOLVE,
    "tls_failed": CheckStep.TLS,
    "starttls_missing": CheckStep.TLS,
}
"""The step at which connecting has failed, by the code; others fail to connect."""
