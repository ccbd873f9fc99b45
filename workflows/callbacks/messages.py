"""What a callback is asked."""

from dataclasses import dataclass
from datetime import datetime

from workflows.parts.messages import Command


@dataclass(frozen=True, kw_only=True)
class PlanCall(Command):
    """When somebody will call."""

    at: datetime
