"""Claims the unsent messages of a step, with everything that sending them needs, and marks each with its outcome.

Claiming and marking take one statement and one round trip each: a mail must cost less than the step that caused it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from activities.mail.conversation import ANSWERED_BY_MAIL, BY_A_PERSON, FACTS, JOINED, Conversation
from domain.cases import CaseKind, DeliveryStatus
from domain.company import Company
from domain.people.accounts import TokenPurpose
from models.database import Database

# Mail about an account reaches its owner wherever it belongs; mail about a case the tenant's people only.
_AS_ITS_OWNER = (
    "SELECT set_config('app.account_id', recipient_id::text, true) FROM delivery "
    "WHERE tenant_id = %(tenant_id)s AND step_id = %(step_id)s AND case_kind IS NULL"
)

_CLAIM = f"""
WITH claimed AS (
    UPDATE delivery
    SET status = 'sending', attempts = attempts + 1, claimed_at = %(now)s,
        error_code = NULL, message_id = '<' || id || '@' || %(domain)s::text || '>'
    WHERE tenant_id = %(tenant_id)s AND step_id = %(step_id)s AND status IN ('pending', 'sending')
    RETURNING *
)
SELECT claimed.id, claimed.case_kind, claimed.case_id, claimed.channel, claimed.template, claimed.context,
    claimed.message_id, claimed.correlation_id, claimed.due_at, claimed.recipient_id,
    tenant.name AS tenant_name, coalesce(tenant.settings -> 'company', '{{}}') AS company,
    coalesce(account.timezone, tenant.timezone) AS timezone,
    coalesce(account.email, customer.email, participant.address) AS address,
    coalesce(account.full_name, customer.name, participant.name) AS name,
    coalesce(account.locale, tenant.locale) AS locale, mailed_token.id AS token_id, mailed_token.purpose,
    mailed_token.account_id, mailed_token.created_at, mailed_token.expires_at,{FACTS}
FROM claimed
JOIN tenant ON tenant.id = claimed.tenant_id
LEFT JOIN account ON account.id = claimed.recipient_id AND account.disabled_at IS NULL
LEFT JOIN customer ON customer.id = claimed.customer_id
LEFT JOIN mailed_token ON mailed_token.id = (claimed.context ->> 'mailed_token_id')::uuid
    AND mailed_token.used_at IS NULL AND mailed_token.expires_at > %(now)s{JOINED}
ORDER BY claimed.id
"""  # noqa: S608  made of constants

_MARK = (
    "UPDATE delivery SET status = %(status)s, error_code = %(error_code)s, sent_at = %(sent_at)s "
    "WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)


@dataclass(frozen=True)
class OutgoingToken:
    """The token that a message contains, as long as it is still valid."""

    id: UUID
    purpose: TokenPurpose
    account_id: UUID
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Outgoing:
    """A claimed message; `address` is None when the recipient is no longer there. One without `recipient_id` goes to a
    customer's own address, or to somebody from outside. `words` are those that a person has written, if it is about
    any, and may have files. One whose address is `undeliverable` would come back. `return_path` is that of the mail
    which has opened the ticket."""

    tenant_id: UUID
    id: UUID
    case_kind: CaseKind | None
    case_id: UUID | None
    channel: str
    template: str
    context: dict[str, Any]
    message_id: str
    correlation_id: str
    due_at: datetime
    company: Company
    timezone: str
    address: str | None
    name: str
    locale: str
    recipient_id: UUID | None
    token: OutgoingToken | None
    words: str | None
    has_files: bool
    undeliverable: bool
    conversation: Conversation | None
    return_path: str | None = None

    @property
    def is_answered_by_mail(self) -> bool:
        """Whether it can be, and it makes sense."""
        return self.conversation is not None and self.template in ANSWERED_BY_MAIL

    @property
    def answers_a_mail(self) -> bool:
        """Whether it says that a mail has come: to whoever has sent that."""
        return self.conversation is not None and self.conversation.came_by_mail and self.template == "ticket_received"

    @property
    def by_a_person(self) -> bool:
        """Whether it says what one of the staff has written."""
        return self.conversation is not None and self.words is not None and self.template in BY_A_PERSON


async def claim(database: Database, tenant_id: UUID, step_id: UUID, domain: str) -> list[Outgoing]:
    """Claims what is unsent of a step, in order. A Message-ID is the same at every attempt, and ends with `domain`."""
    parameters = {"tenant_id": tenant_id, "step_id": step_id, "domain": domain, "now": datetime.now(UTC)}
    rows = await database.in_one_go((_AS_ITS_OWNER, parameters), (_CLAIM, parameters), tenant_id=tenant_id)
    return [_outgoing(tenant_id, row) for row in rows]


async def mark(database: Database, outgoing: Outgoing, status: DeliveryStatus, error_code: str | None = None) -> None:
    """Writes down whether a claimed message was sent."""
    sent_at = datetime.now(UTC) if status is DeliveryStatus.SENT else None
    parameters = {
        "tenant_id": outgoing.tenant_id,
        "id": outgoing.id,
        "status": status.value,
        "error_code": error_code,
        "sent_at": sent_at,
    }
    await database.in_one_go((_MARK, parameters), tenant_id=outgoing.tenant_id)


def _outgoing(tenant_id: UUID, row: Any) -> Outgoing:
    token = None
    if row.token_id:
        purpose = TokenPurpose(row.purpose)
        token = OutgoingToken(row.token_id, purpose, row.account_id, row.created_at, row.expires_at)
    return Outgoing(
        tenant_id=tenant_id,
        id=row.id,
        case_kind=CaseKind(row.case_kind) if row.case_kind else None,
        case_id=row.case_id,
        channel=row.channel,
        template=row.template,
        context=row.context,
        message_id=row.message_id,
        correlation_id=row.correlation_id,
        due_at=row.due_at,
        company=Company.of(row.company, row.tenant_name),
        timezone=row.timezone,
        address=row.address,
        name=row.name,
        locale=row.locale,
        recipient_id=row.recipient_id,
        token=token,
        words=row.words,
        has_files=row.has_files,
        undeliverable=row.undeliverable_since is not None,
        conversation=Conversation.of(tenant_id, row),
        return_path=parseaddr(row.return_path or "")[1] or None,
    )
