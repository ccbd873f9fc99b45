"""What the system that fulfils a tenant's orders is asked."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

_CALLS = UUID("0b6a5a0e-7c1e-4f19-9d55-0d1b5a3f6c21")


class CallType(StrEnum):
    FULFIL = "order.line.fulfil"
    UNDO = "order.line.undo"


@dataclass(frozen=True)
class FulfilmentCall:
    """One line of one order is to be fulfilled, or what was done for it to be undone."""

    tenant_id: UUID
    order_id: UUID
    line_id: UUID
    undo: bool = False

    @property
    def type(self) -> CallType:
        """What is asked, as the receiver reads it."""
        return CallType.UNDO if self.undo else CallType.FULFIL

    @property
    def key(self) -> str:
        """The same however often it is called, so that the receiver does it once."""
        return f"msg_{uuid5(_CALLS, f'{self.line_id}/{self.type}').hex}"
