"""What the steps of a series do to the database: they book what comes next, and ask bookings to open or to end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from uuid_utils.compat import uuid7

from activities.cases.aggregate import Aggregate, Taking
from activities.cases.step import Notice, Step
from domain.bookings import recurrence
from domain.bookings.rules import MOVABLE, BookingType, CancelCode
from domain.bookings.series import (
    AHEAD,
    AT_ONCE,
    EXTENDED_EVERY,
    OnConflict,
    SeriesState,
    SeriesStatus,
)
from domain.bookings.settings import BookingSettings
from domain.cases import Ask, CaseKind
from domain.refusal import Refusal
from models.bookings import Booking, BookingSeries, SkippedOccurrence
from models.services import Service
from stores.bookings.prices import lines_of, price_of
from stores.bookings.seats import Seating, lock_service

_NAMED_CONFLICTS = 3
MOST_AT_ONCE = recurrence.MOST_TIMES
"""How many times of a series one step books."""


@dataclass(frozen=True, kw_only=True)
class SeriesStep(Step[SeriesState]):
    """`books` what comes next of it; `opens` and `cancels` some of what is booked."""

    state: SeriesState
    books: bool = False
    opens: bool = False
    cancels: bool = False


class BookingSeriesCases(Aggregate[BookingSeries, SeriesState, SeriesStep]):
    prefix, digits = "SER", 5
    asks_people = False
    born_with = (
        *("status", "customer_id", "requester_id", "service_id", "team_member_id", "rule", "timezone", "starts_at"),
        "on_conflict",
    )

    def open_rows(self) -> sa.ColumnElement[bool]:
        row = BookingSeries
        opens_more = col(row.opened) < col(row.occurrences)
        cancels_more = col(row.cancel_from).is_not(None) & (col(row.cancelled) < col(row.occurrences))
        return (col(row.status) == SeriesStatus.ACTIVE) | opens_more | cancels_more

    async def notices(self, taking: Taking[BookingSeries, SeriesStep]) -> list[Notice]:
        """What is told of a step holds how many bookings came of it."""
        counts = {"booked": taking.told.get("booked", 0), "skipped": len(taking.told.get("skipped", ()))}
        told = counts | {"cancel_from": taking.row.cancel_from or 0}
        notices = await super().notices(taking)
        return [replace(notice, context=notice.context | told) for notice in notices]

    async def take(self, taking: Taking[BookingSeries, SeriesStep]) -> None:
        if taking.step.books:
            await self._book(taking)
        if taking.step.opens:
            await self._open(taking)
        if taking.step.cancels:
            await self._cancel(taking)

    async def _book(self, taking: Taking[BookingSeries, SeriesStep]) -> None:
        """Books what the rule says until some days ahead, for as long as it may be booked already."""
        session, step, row, values = taking.session, taking.step, taking.row, taking.values
        service = await lock_service(session, row.service_id, row.team_member_id)
        rule, furthest = recurrence.read(row.rule), timedelta(days=service.max_advance_days)
        horizon = step.at + (min(AHEAD + EXTENDED_EVERY, furthest) if rule.open_ended else furthest)
        starts = self._times(row, rule, row.through_at, horizon, MOST_AT_ONCE)
        booked, skipped = await self._seat(taking, service, starts)
        if taking.opens and (not booked or (skipped and row.on_conflict is OnConflict.FAIL)):
            raise _conflict(skipped)
        session.add_all(skipped)
        await session.flush()
        through = starts[-1] if len(starts) == MOST_AT_ONCE else horizon
        values |= {"occurrences": row.occurrences + len(starts), "through_at": through}
        values["extend_at"] = step.at + EXTENDED_EVERY
        if not self._times(row, rule, through, recurrence.LAST, 1):
            values |= {"status": SeriesStatus.ENDED, "extend_at": None}
        taking.told["booked"] = len(booked)
        taking.told["skipped"] = [
            {"position": each.position, "starts_at": each.starts_at.isoformat(), "code": each.code} for each in skipped
        ]

    def _times(
        self, row: BookingSeries, rule: recurrence.Rule, after: datetime | None, until: datetime, limit: int
    ) -> list[datetime]:
        return recurrence.occurrences(rule, row.starts_at, row.timezone, after, until, limit)

    async def _seat(
        self, taking: Taking[BookingSeries, SeriesStep], service: Service, starts: Sequence[datetime]
    ) -> tuple[list[Booking], list[SkippedOccurrence]]:
        """A booking for each start that is free, with its place; and the others, with the code that says why not."""
        session, row, at = taking.session, taking.row, taking.step.at
        booked: list[Booking] = []
        skipped: list[SkippedOccurrence] = []
        if not starts:
            return booked, skipped
        in_order = list(enumerate(starts, start=row.occurrences + 1))
        prefer, member_id = await self._usual(taking), row.team_member_id
        try:
            _require_on_offer(service)
            seating = await Seating.open(
                session, service, starts[0], starts[-1], at, member_id=member_id, prefer=prefer
            )
        except Refusal as refusal:
            # The series goes on: what is off sale may come back, and so may who has left.
            return booked, [_skipped(row, position, start, refusal.code) for position, start in in_order]
        for position, start in in_order:
            booking_id = uuid7()
            try:
                seated = seating.take(booking_id, start)
            except Refusal as refusal:
                skipped.append(_skipped(row, position, start, refusal.code))
                continue
            price = price_of(service, start, BookingType.RECURRING)
            booked.append(
                Booking(
                    id=booking_id,
                    tenant_id=row.tenant_id,
                    type=BookingType.RECURRING,
                    customer_id=row.customer_id,
                    requester_id=row.requester_id,
                    service_id=service.id,
                    team_member_id=seated.team_member_id,
                    series_id=row.id,
                    position=position,
                    starts_at=seated.starts_at,
                    ends_at=seated.ends_at,
                    currency=price.currency,
                    total=price.total,
                    price_lines=lines_of(price),
                    notes=row.notes,
                )
            )
        session.add_all(booked)
        await session.flush()
        await seating.write()
        return booked, skipped

    async def _usual(self, taking: Taking[BookingSeries, SeriesStep]) -> UUID | None:
        """Who has had the series so far."""
        query = sa.select(col(Booking.team_member_id)).where(col(Booking.series_id) == taking.row.id)
        found: UUID | None = await taking.session.scalar(query.order_by(col(Booking.position).desc()).limit(1))
        return found

    async def _open(self, taking: Taking[BookingSeries, SeriesStep]) -> None:
        row, service = taking.row, await taking.session.get_one(Service, taking.row.service_id)
        some, last = await self._some(taking, row.opened, col(Booking.version) == 0)
        taking.values["opened"] = last
        self._ask(
            taking,
            some,
            "open",
            lambda booking: {
                "start": booking.starts_at.isoformat(),
                "series_id": str(row.id),
                "auto_confirm": service.auto_confirm or row.requester_id is None,
                "confirm_hours": BookingSettings.in_force(taking.tenant.settings).confirm_hours,
            },
        )

    async def _cancel(self, taking: Taking[BookingSeries, SeriesStep]) -> None:
        ahead = col(Booking.status).in_(MOVABLE) & (col(Booking.starts_at) > taking.step.at)
        some, last = await self._some(taking, taking.row.cancelled, ahead)
        taking.values["cancelled"] = last
        self._ask(taking, some, "cancel", lambda _: {"code": CancelCode.SERIES})

    async def _some(
        self, taking: Taking[BookingSeries, SeriesStep], after: int, which: sa.ColumnElement[bool]
    ) -> tuple[Sequence[Booking], int]:
        """The next few of these bookings, and the position up to which there are no others."""
        query = sa.select(Booking).where(col(Booking.series_id) == taking.row.id, col(Booking.position) > after, which)
        some = (await taking.session.scalars(query.order_by(col(Booking.position)).limit(AT_ONCE))).all()
        more = len(some) == AT_ONCE
        return some, some[-1].position or 0 if more else taking.row.occurrences

    def _ask(
        self, taking: Taking[BookingSeries, SeriesStep], bookings: Sequence[Booking], command: str, arguments: Any
    ) -> None:
        asks = tuple(Ask(CaseKind.BOOKING, each.id, command, arguments(each)) for each in bookings)
        taking.step = replace(taking.step, asks=(*taking.step.asks, *asks))


def _require_on_offer(service: Service) -> None:
    if not service.bookable:
        raise Refusal("service_not_bookable", "This service cannot be booked at present.")


def _skipped(series: BookingSeries, position: int, start: datetime, code: str) -> SkippedOccurrence:
    return SkippedOccurrence(
        id=uuid7(), tenant_id=series.tenant_id, series_id=series.id, position=position, starts_at=start, code=code
    )


def _conflict(skipped: Sequence[SkippedOccurrence]) -> Refusal:
    named = ", ".join(each.starts_at.isoformat() for each in skipped[:_NAMED_CONFLICTS])
    if not skipped:
        return Refusal("series_empty", "This rule does not come true within the time that can be booked.")
    more = f" and {len(skipped) - _NAMED_CONFLICTS} more" if len(skipped) > _NAMED_CONFLICTS else ""
    return Refusal("series_conflict", f"These times cannot be booked: {named}{more}.")
