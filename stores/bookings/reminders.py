"""When somebody is reminded of a booking, as they have chosen or else the tenant has."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.bookings.reminders import QuietHours, moments
from domain.bookings.settings import BookingSettings
from models.bookings import ReminderPreference
from models.tenants import Tenant


async def reminded(
    session: AsyncSession, tenant: Tenant, account_id: UUID | None, starts_at: datetime
) -> tuple[datetime, ...]:
    """The moments (UTC, in order) at which to remind of what starts then; none for who does not want it."""
    hours = BookingSettings.in_force(tenant.settings).remind_hours_before
    if account_id is None:
        return moments(starts_at, hours, tenant.timezone, None)
    preference: ReminderPreference | None = await session.scalar(
        sa.select(ReminderPreference).where(
            col(ReminderPreference.tenant_id) == tenant.id, col(ReminderPreference.account_id) == account_id
        )
    )
    if preference is None:
        return moments(starts_at, hours, tenant.timezone, None)
    if not preference.email:
        return ()
    wanted = hours if preference.hours_before is None else preference.hours_before
    return moments(starts_at, wanted, preference.timezone or tenant.timezone, _quiet(preference))


def _quiet(preference: ReminderPreference) -> QuietHours | None:
    if preference.quiet_from is None or preference.quiet_until is None:
        return None
    return QuietHours(preference.quiet_from, preference.quiet_until)
