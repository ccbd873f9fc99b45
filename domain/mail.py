"""Words that everything that sends messages shares."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class SendStep:
    """Which step's messages are to be sent."""

    tenant_id: UUID
    step_id: UUID
