"""What a service costs at a time, and the promo codes that make it cheaper."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.bookings.pricing import PeakWindow, Price, PriceTerms, Promo, price, refuse_promo
from domain.bookings.rules import BookingType
from domain.refusal import Refusal
from models.services import PromoCode, Service


def terms_of_price(service: Service) -> PriceTerms:
    """What a service costs, by its row. Raises Refusal `price_terms_invalid`."""
    return PriceTerms(
        currency=service.currency,
        duration_minutes=service.duration_minutes,
        base=service.base_price,
        hourly=service.hourly_price,
        peak=tuple(
            PeakWindow(frozenset(each["weekdays"]), each["opens"], each["closes"], each["surcharge_bp"])
            for each in service.peak
        ),
        weekend_bp=service.weekend_bp,
        weekend_days=frozenset(service.weekend_days),
        emergency_bp=service.emergency_bp,
    )


def price_of(service: Service, start: datetime, type_: BookingType, promo: PromoCode | None = None) -> Price:
    """What a booking costs that starts at this instant. Raises Refusal `amount_too_large`."""
    local = start.astimezone(ZoneInfo(service.timezone))
    emergency = type_ is BookingType.EMERGENCY
    return price(terms_of_price(service), local, emergency=emergency, promo=_promo(promo) if promo else None)


def lines_of(price: Price) -> list[dict[str, Any]]:
    """How a price comes about, as it is stored with its booking."""
    return [{"kind": line.kind, "amount": line.amount, "rate_bp": line.rate_bp} for line in price.lines]


async def find_promo(session: AsyncSession, service: Service, code: str, now: datetime) -> PromoCode:
    """The code's row. Raises Refusal `promo_unknown`, and as `refuse_promo` when it is plainly of no use."""
    found: PromoCode | None = await session.scalar(
        sa.select(PromoCode).where(col(PromoCode.tenant_id) == service.tenant_id, col(PromoCode.code) == code)
    )
    if found is None:
        raise Refusal("promo_unknown", "There is no such promo code.")
    refuse_promo(_promo(found), service.id, service.currency, now)
    return found


async def use_promo(session: AsyncSession, service: Service, promo_id: UUID, now: datetime) -> PromoCode:
    """Uses a code for one booking more; it is held until the transaction ends. Raises Refusal, as `refuse_promo`."""
    promo: PromoCode = await session.get_one(PromoCode, promo_id, with_for_update={"key_share": True})
    refuse_promo(_promo(promo), service.id, service.currency, now)
    promo.used += 1
    return promo


async def give_promo_back(session: AsyncSession, promo_id: UUID) -> None:
    """The booking that used the code is none."""
    back = sa.update(PromoCode).where(col(PromoCode.id) == promo_id).values(used=col(PromoCode.used) - 1)
    await session.execute(back)


def _promo(row: PromoCode) -> Promo:
    return Promo(
        code=row.code,
        percent_bp=row.percent_bp,
        amount=row.amount,
        currency=row.currency if row.amount is not None else None,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        max_uses=row.max_uses,
        used=row.used,
        service_ids=frozenset(row.service_ids) or None,
    )
