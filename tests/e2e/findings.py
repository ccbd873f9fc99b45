"""What is wrong with a case, when something is: found by the invariants, counted by the storm of faults."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class Harm(StrEnum):
    """What a fault can do to a promise."""

    LOST = "lost"
    DOUBLED = "doubled"
    ILLEGAL = "illegal"
    STUCK = "stuck"


@dataclass(frozen=True)
class Finding:
    """One promise that was not kept. `at` is when it was made, as near as the database can tell."""

    harm: Harm
    what: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
