"""What may become of a customer's wish to be called, and what its workflow knows of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.cases import CaseKind, CaseState, Party
from domain.refusal import Refusal
from domain.settings import TenantSettings

FARTHEST_PLAN = timedelta(days=366)
REMIND_BEFORE = timedelta(minutes=15)


class CallbackStatus(StrEnum):
    OPEN = "open"
    PLANNED = "planned"
    DONE = "done"
    GIVEN_UP = "given_up"


class CallbackEvent(StrEnum):
    OPENED = "opened"
    PLANNED = "planned"
    DONE = "done"
    GIVEN_UP = "given_up"


_S = CallbackStatus
_ALIVE = frozenset({_S.PLANNED, _S.DONE, _S.GIVEN_UP})

TRANSITIONS = {_S.OPEN: _ALIVE, _S.PLANNED: _ALIVE, _S.DONE: frozenset[_S](), _S.GIVEN_UP: frozenset[_S]()}


def require_plannable(at: datetime, planned_at: datetime | None, now: datetime) -> None:
    """Raises Refusal for an appointment at which nobody can call (`plan_impossible`) or which is the one that there is
    already (`nothing_changes`)."""
    if not now < at <= now + FARTHEST_PLAN:
        raise Refusal("plan_impossible", "A call is planned ahead, and for within a year.")
    if at == planned_at:
        raise Refusal("nothing_changes", "The call is planned for then already.")


@dataclass(frozen=True)
class CallbackSettings(TenantSettings):
    """`give_up_days` after it was asked for, or after the last appointment, a callback without a call is given up."""

    section = "callbacks"

    give_up_days: int = 7


@dataclass(frozen=True, kw_only=True)
class CallbackState(CaseState):
    kind = CaseKind.CALLBACK
    transitions = TRANSITIONS
    waits_for = {_S.OPEN: Party.US, _S.PLANNED: Party.TIME}
    settled = ("callback_settled", "This callback has been made or given up already.")

    status: CallbackStatus = CallbackStatus.OPEN
    planned_at: datetime | None = None
    settings: CallbackSettings = field(default_factory=CallbackSettings)
