"""What the audit routes give out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from api.http.payloads import View


class AuditView(View):
    """One entry. `hash` is the SHA-256 of all the rest of it, `previous_hash` the one of the entry before."""

    id: UUID
    sequence: int
    created_at: datetime
    actor_id: UUID | None
    action: str
    entity_kind: str | None
    entity_id: UUID | None
    detail: dict[str, Any]
    correlation_id: str
    address: str | None
    previous_hash: str
    hash: str
