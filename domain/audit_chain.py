"""The audit's chain: every entry of a tenant carries the hash of the one before it.

So an entry cannot be changed, removed, inserted or moved without breaking every later hash. Somebody who can rewrite
the whole chain can still forge all of it; to rule that out, keep the hash of its head somewhere else.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

GENESIS = "0" * 64
"""The previous hash of a chain's first entry, which has no entry before it."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """All that one entry says. `sequence` runs 1, 2, 3 within the tenant; `detail` is JSON without fractions."""

    tenant_id: UUID
    sequence: int
    id: UUID
    created_at: datetime
    actor_id: UUID | None
    action: str
    entity_kind: str | None
    entity_id: UUID | None
    detail: Mapping[str, Any]
    correlation_id: str
    address: str | None
    previous_hash: str


class Fault(StrEnum):
    CHANGED = "changed"
    MISSING = "missing"
    OUT_OF_ORDER = "out_of_order"


@dataclass(frozen=True)
class BrokenLink:
    """The first place where a chain does not hold, and what is wrong there."""

    sequence: int
    fault: Fault
    sentence: str


def digest(entry: Entry) -> str:
    """SHA-256, in hexadecimal, of the entry's fields in their one canonical form: JSON with sorted names and without
    spaces, ids as text, the time in UTC to the microsecond."""
    fields = asdict(entry)
    fields["created_at"] = entry.created_at.astimezone(UTC).isoformat(timespec="microseconds")
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), default=_text, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _text(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


class Walk:
    """Follows one chain from its first entry to its head; each method returns what is broken, or None."""

    def __init__(self) -> None:
        self.count = 0
        self.hash = GENESIS

    def step(self, entry: Entry, stored_hash: str) -> BrokenLink | None:
        """Takes the next entry, in the order of `sequence`, with the hash that is stored for it."""
        expected = self.count + 1
        if entry.sequence > expected:
            return BrokenLink(expected, Fault.MISSING, f"after entry {self.count} comes entry {entry.sequence}")
        if entry.sequence < expected:
            return BrokenLink(entry.sequence, Fault.OUT_OF_ORDER, "there are two entries with this number")
        if digest(entry) != stored_hash:
            return BrokenLink(entry.sequence, Fault.CHANGED, "its content does not give its hash")
        if entry.previous_hash != self.hash:
            return BrokenLink(entry.sequence, Fault.OUT_OF_ORDER, "it does not follow the entry before it")
        self.count, self.hash = entry.sequence, stored_hash
        return None

    def end(self, head_sequence: int | None, head_hash: str | None) -> BrokenLink | None:
        """What the chain's head says of its newest entry; None for a chain without a head."""
        if head_sequence is None:
            return BrokenLink(self.count, Fault.MISSING, "the chain's head is gone") if self.count else None
        if head_sequence > self.count:
            return BrokenLink(self.count + 1, Fault.MISSING, f"the chain's head counts {head_sequence} entries")
        if head_sequence < self.count:
            return BrokenLink(self.count, Fault.OUT_OF_ORDER, f"the chain's head counts {head_sequence} entries")
        if head_hash != self.hash:
            return BrokenLink(self.count, Fault.CHANGED, "its hash is not the one that the chain's head has")
        return None
