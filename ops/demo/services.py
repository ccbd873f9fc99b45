"""What can be booked at the demo tenants, and with whom."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.bookings.rules import BookingType
from models.services import PromoCode, Service, TeamMember, TeamMemberService

_OPENS, _CLOSES = 9 * 60, 17 * 60
_HOUR = 300_000


async def seed_services(
    session: AsyncSession,
    tenant_id: UUID,
    *,
    timezone: str,
    currency: str,
    weekdays: Sequence[int],
    agents: Mapping[UUID, str],
    gives_classes: bool,
) -> None:
    """A consultation, a visit that staff confirm, perhaps a class, and a code. The agents, by account with their names,
    do all of it in office hours."""

    def in_office(first: int = _OPENS, last: int = _CLOSES, days: Sequence[int] = weekdays) -> list[dict[str, int]]:
        return [{"weekday": day, "opens": first, "closes": last} for day in days]

    of_tenant: dict[str, Any] = {"tenant_id": tenant_id, "timezone": timezone}
    consultation = Service(
        **of_tenant,
        currency=currency,
        name="Consultation",
        description="What you need, and what it would cost",
        duration_minutes=30,
        slot_minutes=30,
        min_notice_minutes=60,
        windows=in_office(),
        booking_types=[BookingType.CONSULTATION, BookingType.STANDARD],
        base_price=_HOUR // 2,
    )
    visit = Service(
        **of_tenant,
        currency=currency,
        name="Visit",
        description="We come and assemble it",
        duration_minutes=60,
        slot_minutes=30,
        min_notice_minutes=120,
        buffer_before_minutes=15,
        buffer_after_minutes=15,
        windows=in_office(),
        booking_types=[BookingType.STANDARD, BookingType.RECURRING, BookingType.EMERGENCY],
        hourly_price=_HOUR,
        peak=[{"weekdays": sorted(weekdays), "opens": 16 * 60, "closes": _CLOSES, "surcharge_bp": 2_000}],
        emergency_bp=15_000,
        auto_confirm=False,
        check_in=True,
    )
    services = [consultation, visit]
    if gives_classes:
        services.append(
            Service(
                **of_tenant,
                currency=currency,
                name="Furniture care class",
                duration_minutes=60,
                slot_minutes=60,
                capacity=8,
                windows=in_office(14 * 60, 16 * 60, weekdays[:2]),
                booking_types=[BookingType.STANDARD, BookingType.RECURRING],
                base_price=_HOUR // 3,
            )
        )
    team = [
        TeamMember(**of_tenant, account_id=account_id, name=name, windows=in_office())
        for account_id, name in agents.items()
    ]
    session.add_all([*services, *team, PromoCode(tenant_id=tenant_id, code="WELCOME10", percent_bp=1_000)])
    await session.flush()
    session.add_all(
        TeamMemberService(tenant_id=tenant_id, team_member_id=member.id, service_id=service.id)
        for member in team
        for service in services
    )
    await session.flush()
