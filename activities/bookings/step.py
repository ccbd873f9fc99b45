"""What a booking's steps do to the database besides moving its row: places, prices, uses of promo codes."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from activities.cases.aggregate import Aggregate, Reading, Taking
from activities.cases.step import Notice, Step
from domain.bookings.rules import LET_GO, TRANSITIONS, BookingStatus, require_few_held
from domain.bookings.settings import BookingSettings
from domain.bookings.state import BookingState
from models.bookings import Booking
from models.people import Customer
from models.services import PromoCode, Service
from stores.bookings.prices import give_promo_back, lines_of, price_of, use_promo
from stores.bookings.reminders import reminded
from stores.bookings.seats import give_back, lock_service, take_seat

REMINDER = "booking_reminder"


@dataclass(frozen=True)
class PlaceWish:
    """A place at this instant (UTC): with somebody who is named, else with whom it falls to."""

    start: datetime
    team_member_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class BookingStep(Step[BookingState]):
    """`place` is what the step takes instead of the place that there is, if there is one; unless the customer holds
    `most_held` already."""

    state: BookingState
    place: PlaceWish | None = None
    most_held: int | None = None


class Bookings(Aggregate[Booking, BookingState, BookingStep]):
    prefix, digits = "BKG", 5
    born_with = (
        *("status", "type", "customer_id", "requester_id", "service_id", "series_id", "team_member_id"),
        *("position", "starts_at", "ends_at", "currency", "total", "price_lines"),
    )

    def open_rows(self) -> sa.ColumnElement[bool]:
        follows = (col(Booking.status) == BookingStatus.COMPLETED) & col(Booking.followed_up_at).is_(None)
        return col(Booking.status).in_([each for each, then in TRANSITIONS.items() if then]) | follows

    async def known(self, case: Reading[Booking]) -> dict[str, Any]:
        row = case.row
        service = await case.session.get_one(Service, row.service_id)
        known: dict[str, Any] = {"auto_confirm": service.auto_confirm, "check_in": service.check_in}
        if row.status is BookingStatus.CONFIRMED:
            known["remind_at"] = await reminded(case.session, case.tenant, row.requester_id, row.starts_at)
        return known

    async def take(self, taking: Taking[Booking, BookingStep]) -> None:
        step, row, values = taking.step, taking.row, taking.values
        if taking.opens:
            values["status"] = step.state.status
            if step.place:
                hold = timedelta(minutes=BookingSettings.in_force(taking.tenant.settings).hold_minutes)
                values["held_until_at"] = step.at + hold
        if step.most_held is not None:
            require_few_held(await self._held(taking), step.most_held)
        if step.place:
            await self._take_place(taking, step.place)
        elif step.state.status in LET_GO:
            await lock_service(taking.session, row.service_id, row.team_member_id)
            await give_back(taking.session, row.id)
            if row.promo_code_id:
                await give_promo_back(taking.session, row.promo_code_id)

    async def _held(self, taking: Taking[Booking, BookingStep]) -> int:
        """How many places the customer holds, who is held as well: others that come at once are counted."""
        customer_id = taking.row.customer_id
        await taking.session.get_one(Customer, customer_id, with_for_update={"key_share": True})
        held = sa.select(sa.func.count()).where(
            col(Booking.tenant_id) == taking.row.tenant_id,
            col(Booking.customer_id) == customer_id,
            col(Booking.status) == BookingStatus.HELD,
            col(Booking.version) > 0,
        )
        return (await taking.session.scalar(held)) or 0

    async def _take_place(self, taking: Taking[Booking, BookingStep], place: PlaceWish) -> None:
        session, row, values = taking.session, taking.row, taking.values
        service = await lock_service(session, row.service_id, row.team_member_id, place.team_member_id)
        await give_back(session, row.id)
        seated = await take_seat(
            session,
            service,
            row.id,
            place.start,
            taking.step.at,
            member_id=place.team_member_id,
            prefer=row.team_member_id,
        )
        price = price_of(service, seated.starts_at, row.type, await self._promo(taking, service))
        values |= asdict(seated)
        values |= {"total": price.total, "currency": price.currency, "price_lines": lines_of(price)}

    async def _promo(self, taking: Taking[Booking, BookingStep], service: Service) -> PromoCode | None:
        """The code that the booking was made with: it is used once, however often the booking is moved."""
        promo_id = taking.row.promo_code_id
        if promo_id is None:
            return None
        if taking.opens:
            return await use_promo(taking.session, service, promo_id, taking.step.at)
        return await taking.session.get_one(PromoCode, promo_id)

    async def notices(self, taking: Taking[Booking, BookingStep]) -> list[Notice]:
        """Who has said since the last step not to be reminded is not."""
        notices = await super().notices(taking)
        if not any(notice.template == REMINDER for notice in notices):
            return notices
        wanted = await reminded(taking.session, taking.tenant, taking.row.requester_id, taking.row.starts_at)
        return notices if wanted else []

    def facts(self, row: Booking) -> dict[str, Any]:
        return super().facts(row) | {"sequence": row.sequence}
