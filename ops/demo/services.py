"""What can be booked at the demo tenants, and with whom."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.bookings.rules import BookingType
from models.services import PromoCode, Service, TeamMember, TeamMemberService

CLASS = "Furniture care class"

_OPENS, _CLOSES = 9 * 60, 17 * 60
_HOUR = 300_000


def offers(weekdays: Sequence[int]) -> dict[str, dict[str, Any]]:
    """What can be booked on these days of the week, by its name, in the words of the tables and of their API."""
    consultation: dict[str, Any] = {
        "description": "What you need, and what it would cost",
        "duration_minutes": 30,
        "slot_minutes": 30,
        "min_notice_minutes": 60,
        "windows": _in_office(weekdays),
        "booking_types": [BookingType.CONSULTATION, BookingType.STANDARD],
        "base_price": _HOUR // 2,
    }
    visit: dict[str, Any] = {
        "description": "We come and assemble it",
        "duration_minutes": 60,
        "slot_minutes": 30,
        "min_notice_minutes": 120,
        "buffer_before_minutes": 15,
        "buffer_after_minutes": 15,
        "windows": _in_office(weekdays),
        "booking_types": [BookingType.STANDARD, BookingType.RECURRING, BookingType.EMERGENCY],
        "hourly_price": _HOUR,
        "peak": [{"weekdays": sorted(weekdays), "opens": 16 * 60, "closes": _CLOSES, "surcharge_bp": 2_000}],
        "emergency_bp": 15_000,
        "auto_confirm": False,
        "check_in": True,
    }
    care: dict[str, Any] = {
        "duration_minutes": 60,
        "slot_minutes": 60,
        "capacity": 8,
        "windows": _in_office(weekdays[:2], 14 * 60, 16 * 60),
        "booking_types": [BookingType.STANDARD, BookingType.RECURRING],
        "base_price": _HOUR // 3,
    }
    named = {"Consultation": consultation, "Visit": visit, CLASS: care}
    return {name: {"name": name, **offer} for name, offer in named.items()}


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
    of_tenant: dict[str, Any] = {"tenant_id": tenant_id, "timezone": timezone}
    services = [
        Service(**of_tenant, currency=currency, **offer)
        for name, offer in offers(weekdays).items()
        if gives_classes or name != CLASS
    ]
    team = [
        TeamMember(**of_tenant, account_id=account_id, name=name, windows=_in_office(weekdays))
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


def _in_office(weekdays: Sequence[int], opens: int = _OPENS, closes: int = _CLOSES) -> list[dict[str, int]]:
    return [{"weekday": day, "opens": opens, "closes": closes} for day in weekdays]
