"""What is read to offer slots is all that is in their way: what is offered is what a slow look at everything finds."""

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from domain.bookings.availability import Slot, Taken
from domain.refusal import Refusal
from models.bookings import Appointment, Seat
from models.database import Database
from models.services import Service
from stores.bookings.diary import open_diary, open_timetable
from tests.domain.bookings import by_the_minute
from tests.stores.bookings.house import NOW, Practice, new_practice

A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
MIDNIGHT = NOW.replace(hour=0)


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await new_practice(database)


async def offered(practice: Practice, service_id: UUID, start: datetime, days: int) -> list[Slot]:
    """The slots of some days, which each can be booked: as are those that a slow reading finds, of all there is."""
    end = start + days * A_DAY
    async with practice.database.transaction(practice.tenant_id) as session:
        service = await session.get_one(Service, service_id)
        timetable = await open_timetable(session, service, start, end)
        everything = [Taken(*row) for row in await session.execute(_everything())]
        diary = await open_diary(session, service, start, end)
    found = timetable.slots(NOW, start, end)
    question: dict[str, Any] = {"service": timetable.terms, "members": timetable.members, "day_counts": Counter()}
    assert found == by_the_minute.slots(service_id, **question, taken=everything, now=NOW, start=start, end=end)
    assert all(diary.slot_at(NOW, slot.start) == slot for slot in found)
    return found


def _everything() -> sa.Select[Any]:
    of = col(Appointment.id)
    columns = (
        *(Appointment.team_member_id, Appointment.service_id, Appointment.lane, Appointment.starts_at),
        *(Appointment.ends_at, Appointment.blocked_from, Appointment.blocked_until),
        sa.select(sa.func.count()).where(col(Seat.appointment_id) == of).scalar_subquery(),
        Appointment.capacity,
    )
    return sa.select(*columns)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize("seed", range(2))
async def test_what_is_read_is_all_that_is_in_the_way(practice: Practice, seed: int) -> None:
    random = Random(seed)
    members = [await practice.member(max_concurrent=1 + place % 2, buffer_minutes=15 * place) for place in range(3)]
    alone = await practice.service(*members, slot_minutes=30, buffer_after_minutes=30)
    course = await practice.service(*members[:2], capacity=3, duration_minutes=120)
    for _ in range(30):
        start = MIDNIGHT + random.randrange(9, 72) * AN_HOUR
        for service_id in (alone, course, course):
            with suppress(Refusal):
                await practice.book(service_id, start)
    for service_id in (alone, course):
        assert await offered(practice, service_id, MIDNIGHT + A_DAY, 2)


async def test_what_has_begun_a_week_ago_is_still_in_the_way(practice: Practice) -> None:
    ada = await practice.member()
    week: dict[str, Any] = {"duration_minutes": 7 * 1440, "slot_minutes": 1440, "buffer_after_minutes": 1440}
    long, short = await practice.service(ada, **week), await practice.service(ada, buffer_before_minutes=1440)
    await practice.book(long, MIDNIGHT + A_DAY)
    assert await offered(practice, short, MIDNIGHT + 8 * A_DAY, 2) == []
    assert len(await offered(practice, short, MIDNIGHT + 9 * A_DAY, 2)) == 24
    assert [slot.start for slot in await offered(practice, short, MIDNIGHT, 1)][-1] == MIDNIGHT + 23 * AN_HOUR
    assert len(await offered(practice, long, MIDNIGHT + 8 * A_DAY, 3)) == 2


async def test_what_begins_after_the_last_day_is_in_the_way_of_what_lasts_longer(practice: Practice) -> None:
    ada = await practice.member()
    short, long = await practice.service(ada), await practice.service(ada, duration_minutes=7 * 1440, slot_minutes=60)
    await practice.book(short, MIDNIGHT + 8 * A_DAY)
    assert [slot.start for slot in await offered(practice, long, MIDNIGHT + A_DAY, 1)] == [MIDNIGHT + A_DAY]
