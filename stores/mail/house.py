"""What of a tenant matters for each of its mails: read once for many."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.mail.rules import Rule
from domain.mail.settings import MailSettings
from models.tenants import Tenant
from stores.mail.known import own_addresses
from stores.mail.rules import active_rules


@dataclass(frozen=True)
class House:
    """A tenant's language and settings of mail, the addresses of its mailboxes, and its active rules in their order."""

    tenant_id: UUID
    locale: str
    settings: MailSettings
    own: frozenset[str]
    rules: tuple[Rule, ...]


async def house_of(session: AsyncSession, tenant_id: UUID) -> House:
    """The house as it is now."""
    tenant = await session.get_one(Tenant, tenant_id)
    settings = MailSettings.in_force(tenant.settings)
    own, rules = await own_addresses(session), await active_rules(session)
    return House(tenant_id, tenant.locale, settings, own, tuple(rules))
