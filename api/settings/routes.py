"""Reading and changing a tenant's settings. Open cases use changed settings from their next step on."""

from collections.abc import Sequence
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit, differences
from api.http.problems import field_error
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.settings.schemas import CompanySection, SettingsBody, SettingsView
from domain.company import Company
from domain.mail.settings import company_domain
from domain.people.permissions import Permission
from models.people import Customer
from models.tenants import Tenant

router = Router(prefix="/settings", tags=["settings"])

Service = Annotated[Services, Depends(services)]


@router.get("")
async def get_settings(
    caller: Annotated[Caller, Depends(needs(Permission.SETTINGS_READ))], service: Service
) -> SettingsView:
    """What is in force, defaults included."""
    async with service.database.transaction(caller.tenant_id) as session:
        return _view(await session.get_one(Tenant, caller.tenant_id))


@router.patch("")
async def change_settings(
    body: SettingsBody, caller: Annotated[Caller, Depends(needs(Permission.SETTINGS_WRITE))], service: Service
) -> SettingsView:
    """Changes what is given and leaves the rest. Quotes and papers that are written already stay as they are."""
    given: dict[str, dict[str, Any]] = body.model_dump(mode="json", exclude_unset=True)
    async with service.database.transaction(caller.tenant_id) as session:
        await _require_customers(session, given.get("mail", {}).get("company_domains", ()))
        # Every row that is written refers to its tenant: a lock against that would wait while people are at work.
        mine = sa.select(Tenant).where(col(Tenant.id) == caller.tenant_id).with_for_update(key_share=True)
        tenant = (await session.scalars(mine)).one()
        before = _view(tenant).model_dump(mode="json")
        tenant.settings = {
            **tenant.settings,
            **{section: {**tenant.settings.get(section, {}), **fields} for section, fields in given.items()},
        }
        await session.flush()
        after = _view(tenant)
        changed = differences(before, after.model_dump(mode="json"))
        await audit(session, caller, "settings.changed", "tenant", tenant.id, changed)
    return after


async def _require_customers(session: AsyncSession, company_domains: Sequence[str]) -> None:
    wanted = {customer_id for _, customer_id in map(company_domain, company_domains)}
    known = set(await session.scalars(sa.select(col(Customer.id)).where(col(Customer.id).in_(wanted))))
    if wanted - known:
        raise field_error("mail.company_domains", "unknown", "One of these customers is not there.")


def _view(tenant: Tenant) -> SettingsView:
    company = CompanySection.model_validate(Company.of(tenant.settings.get("company", {}), tenant.name))
    of_kinds = {name: field.annotation for name, field in SettingsView.model_fields.items() if name != "company"}
    in_force = {name: settings.in_force(tenant.settings) for name, settings in of_kinds.items() if settings}
    return SettingsView(company=company, **in_force)
