"""Who looks at a page: a caller, and what the page says and shows of them and of their tenant."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col

from api.identity.callers import Caller, find_caller_and
from api.identity.tokens import AccessClaims
from models.database import Database
from models.people import Account
from models.plain import Plain
from models.tenants import Tenant


@dataclass(frozen=True)
class Visitor:
    """`theme`, `density` and `single_keys` are the account's choices, None where it made none; `timezone` is its own or
    its tenant's, the rest of the place the tenant's."""

    caller: Caller
    name: str
    email: str
    locale: str | None
    theme: str | None
    density: str | None
    single_keys: str | None
    tenant_name: str
    tenant_slug: str
    tenant_locale: str
    timezone: str
    currency: str


_VISITOR = Plain(
    sa.select(
        col(Account.full_name).label("name"),
        col(Account.email),
        col(Account.locale),
        col(Account.theme),
        col(Account.density),
        col(Account.single_keys),
        col(Tenant.name).label("tenant_name"),
        col(Tenant.slug).label("tenant_slug"),
        col(Tenant.locale).label("tenant_locale"),
        sa.func.coalesce(col(Account.timezone), col(Tenant.timezone)).label("timezone"),
        col(Tenant.currency),
    ).where(col(Account.id) == sa.bindparam("account_id"), col(Tenant.id) == sa.bindparam("tenant_id"))
)


async def find_visitor(database: Database, claims: AccessClaims) -> Visitor | None:
    """Who looks, by the claims of an access token; None where `find_caller` finds nobody."""
    asked = _VISITOR(tenant_id=claims.tenant_id, account_id=claims.account_id)
    caller, [rows] = await find_caller_and(database, claims, asked)
    return Visitor(caller, **rows[0]._asdict()) if caller and rows else None
