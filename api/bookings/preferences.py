"""How people want to be reminded of their bookings."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.audit.entries import audit_account
from api.bookings.bodies import require_timezone
from api.bookings.preference_schemas import RemindersBody, RemindersView
from api.http.problems import field_error
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.people.permissions import Permission
from models.bookings import ReminderPreference

router = Router(prefix="/me/reminders", tags=["me"])

ServicesDep = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.BOOKINGS_READ))]


@router.get("")
async def get_reminders(caller: Reader, service: ServicesDep) -> RemindersView:
    """How one is reminded in this tenant; null is as the tenant has it."""
    mine = sa.select(ReminderPreference).where(
        col(ReminderPreference.tenant_id) == caller.tenant_id, col(ReminderPreference.account_id) == caller.account_id
    )
    async with service.database.transaction(caller.tenant_id) as session:
        found = await session.scalar(mine)
    return RemindersView.model_validate(found or RemindersBody())


@router.put("")
async def set_reminders(body: RemindersBody, caller: Reader, service: ServicesDep) -> RemindersView:
    """Says how one wants to be reminded."""
    if body.timezone is not None:
        require_timezone(body.timezone)
    if (body.quiet_from is None) != (body.quiet_until is None):
        field = "quiet_from" if body.quiet_from is None else "quiet_until"
        raise field_error(field, "missing", "Quiet hours have a beginning and an end.")
    values = dict(body)
    whose = {"tenant_id": caller.tenant_id, "account_id": caller.account_id}
    async with service.database.transaction(caller.tenant_id) as session:
        await session.execute(
            insert(ReminderPreference)
            .values(id=uuid7(), **whose, **values)
            .on_conflict_do_update(index_elements=list(whose), set_=values)
        )
        await audit_account(session, caller.tenant_id, caller.account_id, "reminders.set")
    return RemindersView.model_validate(body)
