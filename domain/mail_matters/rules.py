"""What about mail a person must look at, and what its workflow knows of it."""

from dataclasses import dataclass
from enum import StrEnum

from domain.cases import CaseKind, CaseState, Party


class MatterAbout(StrEnum):
    """Mails that are held, one that could not be read or settled, or an address that takes none any more."""

    HELD = "held"
    FAILED = "failed"
    UNDELIVERABLE = "undeliverable"


class MatterStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    GONE = "gone"


class MatterEvent(StrEnum):
    OPENED = "opened"
    DONE = "done"
    GONE = "gone"


_S = MatterStatus

TRANSITIONS = {_S.OPEN: frozenset({_S.DONE, _S.GONE}), _S.DONE: frozenset[_S](), _S.GONE: frozenset[_S]()}

WAITS_FOR = {_S.OPEN: Party.US}


@dataclass(frozen=True, kw_only=True)
class MatterState(CaseState):
    """`gone` are those that settled themselves: nothing is left to look at."""

    kind = CaseKind.MAIL_MATTER
    transitions = TRANSITIONS
    waits_for = WAITS_FOR
    settled = ("matter_settled", "This has been looked at already.")

    status: MatterStatus = MatterStatus.OPEN
