"""`casewright init`: makes the first tenant of a new installation and invites its administrator, who also runs the
platform."""

import asyncio
from typing import Annotated

import sqlalchemy as sa
import typer
from pydantic import ValidationError
from uuid_utils.compat import uuid7

from api.app import RESERVED_SLUGS
from api.identity.grants import ADMIN_ROLE
from api.identity.invitations import invite
from api.identity.schemas.users import TenantBody
from api.identity.tenants import make_first_superadmin, make_tenant
from models.database import Database, look_as
from models.tenants import Tenant
from ops.trouble import Trouble
from runtime.settings import settings
from stores.accounts import find_or_make_account
from stores.audit import record
from stores.tenants import tenant_ids


def init(
    slug: Annotated[str, typer.Argument(help="The tenant's short name, as in addresses.")],
    admin_email: Annotated[str, typer.Argument(help="Who is invited by mail to administrate it and the platform.")],
    timezone: Annotated[str, typer.Option(help="As Africa/Algiers.")],
    currency: Annotated[str, typer.Option(help="ISO 4217, as DZD.")],
    name: Annotated[str | None, typer.Option(help="The company's name; the short name when not given.")] = None,
    locale: Annotated[str, typer.Option(help="As fr-DZ.")] = "en",
) -> None:
    """Make the first tenant. Its administrator makes the others; while a tenant is there already, this is refused."""
    url = settings().database_url
    if url is None:
        raise Trouble("No database: set DATABASE_URL, or start one with `casewright up`.")
    given = {"slug": slug, "name": name or slug, "locale": locale, "timezone": timezone, "currency": currency}
    try:
        wanted = TenantBody.model_validate({**given, "admin_email": admin_email})
    except ValidationError as invalid:
        raise Trouble("; ".join(f"{error['loc'][0]}: {error['msg']}" for error in invalid.errors())) from invalid
    if wanted.slug in RESERVED_SLUGS:
        raise Trouble(f"slug: {wanted.slug} has a meaning of its own in public addresses.")
    asyncio.run(_found(url.get_secret_value(), wanted))
    typer.echo(f"{wanted.slug} is there. {wanted.admin_email} is invited by mail, sent as soon as a worker runs.")


async def _found(url: str, wanted: TenantBody) -> None:
    database = Database(url, pool_size=1)
    try:
        await make_first_tenant(database, wanted)
    finally:
        await database.close()


async def make_first_tenant(database: Database, wanted: TenantBody) -> None:
    """Makes the tenant, its administrator and the invitation, all or nothing. Raises Trouble when there is a tenant."""
    told = wanted.model_dump(include={"slug", "name", "locale", "timezone", "currency"})
    tenant, correlation_id, email = Tenant(id=uuid7(), **told), str(uuid7()), str(wanted.admin_email)
    async with database.transaction() as session:
        # Locked, because of two commands at once each would look before the other's tenant is there.
        await session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('the first tenant'))"))
        if there := await tenant_ids(session):
            await look_as(session, tenant_id=there[0])
            slug = (await session.get_one(Tenant, there[0])).slug
            raise Trouble(f"There is a tenant already ({slug}): who keeps the platform makes others with the API.")
        roles = await make_tenant(session, tenant)
        account = await find_or_make_account(session, email, email.partition("@")[0])
        if not await make_first_superadmin(session, account.id):
            raise Trouble("Somebody keeps the platform already, and makes tenants with the API.")
        await invite(
            session,
            tenant.id,
            email=email,
            full_name=account.full_name,
            role_ids=[roles[ADMIN_ROLE]],
            correlation_id=correlation_id,
        )
        await record(
            session,
            tenant.id,
            None,
            "tenant.created",
            entity_kind="tenant",
            entity_id=tenant.id,
            detail=told,
            correlation_id=correlation_id,
        )
