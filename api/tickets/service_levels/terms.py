"""What a service level promises from now on."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models.sla import Calendar, SlaPolicy, SlaTerms
from stores.tickets.service_levels import calendar_of, policy_of

POLICY_FIELDS = ("targets", "warn_percent", "escalations")
CALENDAR_FIELDS = (
    "timezone",
    "always_open",
    "windows",
    "holiday_country",
    "holidays_added",
    "holidays_removed",
)


def definition(row: Calendar | SlaPolicy) -> dict[str, Any]:
    """The part of a calendar or policy that deadlines are computed from."""
    return {name: getattr(row, name) for name in (CALENDAR_FIELDS if isinstance(row, Calendar) else POLICY_FIELDS)}


async def renew_terms(session: AsyncSession, policy: SlaPolicy) -> None:
    """Makes what the policy and its calendar say now the current terms. Raises Refusal when they make no sense."""
    calendar = await session.get_one(Calendar, policy.calendar_id)
    policy_of(definition(policy))
    calendar_of(definition(calendar))
    await session.flush()
    await session.execute(
        sa.update(SlaTerms).where(col(SlaTerms.policy_id) == policy.id, col(SlaTerms.current)).values(current=False)
    )
    session.add(
        SlaTerms(
            tenant_id=policy.tenant_id,
            policy_id=policy.id,
            policy=definition(policy),
            calendar=definition(calendar),
        )
    )
    await session.flush()
