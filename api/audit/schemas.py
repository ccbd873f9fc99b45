"""What the audit routes give out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from api.http.payloads import View
from domain.audit_chain import Fault


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


class BrokenLinkView(View):
    """The first place where the chain does not hold, and what is wrong there."""

    sequence: int
    fault: Fault
    sentence: str


class AuditChainView(View):
    """What reading the chain through has shown: how many entries hold, the last one's hash, and the first broken link.

    Keep the hash somewhere else: who can rewrite the whole database can forge a chain, but not what you kept.
    """

    count: int
    hash: str
    broken: BrokenLinkView | None
