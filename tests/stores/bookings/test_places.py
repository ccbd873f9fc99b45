"""Places in people's time: as many as there are, however many want one at once, and no more even if the code were
wrong."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from domain.refusal import Refusal
from models.bookings import Appointment, Seat
from models.database import Database
from tests.stores.bookings.house import NINE, Practice, new_practice

AN_HOUR = timedelta(hours=1)


@pytest.fixture
async def practice(database: Database) -> Practice:
    return await new_practice(database)


async def outcomes(*bookings: object) -> list[str]:
    """What became of each: `booked`, or the code of its refusal."""
    found = await asyncio.gather(*bookings, return_exceptions=True)  # type: ignore[call-overload]
    assert all(isinstance(each, tuple | Refusal) for each in found), found
    return sorted(each.code if isinstance(each, Refusal) else "booked" for each in found)


async def test_of_many_at_once_as_many_are_booked_as_there_are_places(practice: Practice) -> None:
    members = [await practice.member() for _ in range(3)]
    alone, shared = await practice.service(*members), await practice.service(*members[:2], capacity=4)
    found = await outcomes(*(practice.book(alone) for _ in range(20)))
    assert found == ["booked"] * 3 + ["slot_taken"] * 17
    later = NINE + 2 * AN_HOUR
    found = await outcomes(*(practice.book(shared, later) for _ in range(20)))
    assert found == ["booked"] * 8 + ["slot_taken"] * 12
    assert sorted(taken for _, taken in await practice.appointments(shared)) == [4, 4]


async def test_two_services_share_their_people(practice: Practice) -> None:
    ada = await practice.member()
    short, long = await practice.service(ada), await practice.service(ada, duration_minutes=120)
    found = await outcomes(*(practice.book(each, NINE + AN_HOUR) for each in (short, long) * 5))
    assert found == ["booked"] + ["slot_taken"] * 9


async def test_who_does_two_things_at_once_has_two_lanes(practice: Practice) -> None:
    ada = await practice.member(max_concurrent=2)
    service = await practice.service(ada)
    assert await outcomes(*(practice.book(service) for _ in range(5))) == ["booked"] * 2 + ["slot_taken"] * 3


async def test_a_day_is_full_for_all_who_serve_it(practice: Practice) -> None:
    service = await practice.service(*[await practice.member() for _ in range(3)], daily_cap=2)
    found = await outcomes(*(practice.book(service, NINE + hours * AN_HOUR) for hours in range(6)))
    assert found == ["booked"] * 2 + ["day_full"] * 4


async def test_what_is_given_back_is_taken_by_others(practice: Practice) -> None:
    service = await practice.service(await practice.member(), capacity=2)
    (first, _), (second, _) = await practice.book(service), await practice.book(service)
    await practice.leave(service, first)
    assert [taken for _, taken in await practice.appointments(service)] == [1]
    await practice.book(service)
    await practice.leave(service, first)
    assert [taken for _, taken in await practice.appointments(service)] == [2]
    await practice.leave(service, second)
    assert await outcomes(practice.book(service), practice.book(service)) == ["booked", "slot_taken"]


async def test_it_falls_to_who_has_the_fewest_that_day(practice: Practice) -> None:
    ada, bob = await practice.member(), await practice.member()
    service = await practice.service(ada, bob)
    for hours in range(2):
        await practice.book(service, NINE + hours * AN_HOUR, member_id=ada)
    _, seated = await practice.book(service, NINE + 5 * AN_HOUR)
    assert seated.team_member_id == bob
    await practice.book(service, NINE + timedelta(days=3), member_id=bob)
    _, seated = await practice.book(service, NINE + 6 * AN_HOUR)
    assert seated.team_member_id == bob


def appointment(practice: Practice, service: UUID, member: UUID, minutes: int, **given: int) -> Appointment:
    starts = NINE + timedelta(minutes=minutes)
    ends = starts + AN_HOUR
    of = {"tenant_id": practice.tenant_id, "service_id": service, "team_member_id": member}
    when = {"starts_at": starts, "ends_at": ends, "blocked_from": starts, "blocked_until": ends}
    return Appointment(id=uuid7(), **of, **when, **({"lane": 0, "capacity": 1} | given))


async def test_the_database_refuses_two_at_one_time(practice: Practice) -> None:
    ada = await practice.member()
    service = await practice.service(ada)
    await practice.book(service)
    with pytest.raises(IntegrityError, match="ex_appointment_one_at_a_time"):
        await practice.write(appointment(practice, service, ada, 30))
    await practice.write(appointment(practice, service, ada, 60), appointment(practice, service, ada, 30, lane=1))


async def test_the_database_refuses_one_seat_too_many(practice: Practice) -> None:
    service = await practice.service(await practice.member(), capacity=2)
    bookings = [(await practice.book(service))[0] for _ in range(2)]
    elsewhere, _ = await practice.book(service, NINE + AN_HOUR)
    [(full, _), (other, _)] = await practice.appointments(service)

    def seat(appointment_id: UUID, booking_id: UUID, number: int, capacity: int) -> Seat:
        of = {"tenant_id": practice.tenant_id, "appointment_id": appointment_id, "booking_id": booking_id}
        return Seat(**of, number=number, capacity=capacity)

    await practice.leave(service, elsewhere)
    for wrong, what in (
        (seat(full, elsewhere, 3, 2), "ck_seat_there_is_one"),
        (seat(full, elsewhere, 3, 3), "fk_seat_tenant_id_appointment_id_capacity"),
        (seat(full, elsewhere, 2, 2), "uq_seat_appointment_id_number"),
        (seat(other, bookings[0], 2, 2), "uq_seat_booking_id|fk_seat"),
    ):
        with pytest.raises(IntegrityError, match=what):
            await practice.write(wrong)
