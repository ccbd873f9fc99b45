"""Which mailbox something is about."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class MailboxRef:
    tenant_id: UUID
    account_id: UUID
