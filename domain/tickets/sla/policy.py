"""What a service level agreement promises: targets per priority, a warning, and escalation steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.refusal import Refusal
from domain.tickets.rules import TicketPriority

LONGEST_TARGET_MINUTES = 525_600
"""The longest target: a year round the clock. Anything longer is a mistake, and calendars could not compute it."""


class ClockKind(StrEnum):
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class EscalationAction(StrEnum):
    NOTIFY_ROLE = "notify_role"
    RAISE_PRIORITY = "raise_priority"
    REASSIGN_GROUP = "reassign_group"


@dataclass(frozen=True, slots=True)
class Targets:
    """Open minutes that a priority promises. Without `next_response_minutes` only the first reply is promised.

    Raises Refusal `sla_policy_invalid` for a target outside 1..525600 minutes.
    """

    first_response_minutes: int
    resolution_minutes: int
    next_response_minutes: int | None = None

    def __post_init__(self) -> None:
        for minutes in (self.first_response_minutes, self.resolution_minutes, self.next_response_minutes):
            if minutes is not None and not 1 <= minutes <= LONGEST_TARGET_MINUTES:
                raise _invalid(f"A target lies between 1 and {LONGEST_TARGET_MINUTES} minutes.")

    def seconds(self, kind: ClockKind) -> int | None:
        """The target of one clock in open seconds; None when this priority promises nothing for it."""
        minutes = {
            ClockKind.FIRST_RESPONSE: self.first_response_minutes,
            ClockKind.NEXT_RESPONSE: self.next_response_minutes,
            ClockKind.RESOLUTION: self.resolution_minutes,
        }[kind]
        return None if minutes is None else minutes * 60


@dataclass(frozen=True, slots=True)
class Escalation:
    """One step: when a clock has used a share of its target, or so many open minutes after its breach, do this.

    `target` is the role to notify or the id of the group to reassign to; raising the priority has none.
    Raises Refusal `sla_policy_invalid`.
    """

    clock: ClockKind
    action: EscalationAction
    target: str | None = None
    at_percent: int | None = None
    minutes_after_breach: int | None = None

    def __post_init__(self) -> None:
        if (self.at_percent is None) == (self.minutes_after_breach is None):
            raise _invalid("An escalation has a percentage or minutes after the breach, and not both.")
        if self.at_percent is not None and not 1 <= self.at_percent <= 1000:
            raise _invalid("An escalation comes at 1 to 1000 percent of the target.")
        if self.minutes_after_breach is not None and not 0 <= self.minutes_after_breach <= LONGEST_TARGET_MINUTES:
            raise _invalid(f"An escalation comes 0 to {LONGEST_TARGET_MINUTES} minutes after the breach.")
        if (self.action is EscalationAction.RAISE_PRIORITY) != (not self.target):
            raise _invalid("Notifying needs a role, reassigning a group; raising the priority needs neither.")

    @property
    def key(self) -> str:
        """The name under which a clock remembers that this step has fired. It is made of the step's content, because
        its place in the policy may change."""
        when = f"{self.at_percent}%" if self.at_percent is not None else f"+{self.minutes_after_breach}"
        return ":".join((self.clock, when, self.action, self.target or ""))


@dataclass(frozen=True, slots=True)
class Policy:
    """Targets for every priority, the share of a target at which to warn, and the escalation steps.

    Raises Refusal `sla_policy_invalid`.
    """

    targets: Mapping[TicketPriority, Targets]
    warn_percent: int = 75
    escalations: tuple[Escalation, ...] = ()

    def __post_init__(self) -> None:
        missing = [priority for priority in TicketPriority if priority not in self.targets]
        if missing:
            raise _invalid(f"Targets are missing for: {', '.join(missing)}.")
        if not 1 <= self.warn_percent <= 99:
            raise _invalid("The warning comes at 1 to 99 percent of a target.")
        if len({step.key for step in self.escalations}) < len(self.escalations):
            raise _invalid("The same escalation step is there twice.")


def group_of(target: str | None) -> UUID | None:
    """The group that a target names; None for what is no group's id."""
    try:
        return UUID(target or "")
    except ValueError:
        return None


def share(seconds: int, percent: int) -> int:
    """A share of a target in whole seconds, rounded up so that it is never reached early."""
    return -(-seconds * percent // 100)


def _invalid(sentence: str) -> Refusal:
    return Refusal("sla_policy_invalid", sentence)
