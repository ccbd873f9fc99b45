"""The lives of bookings and of series of them, for the corpus.

They are short: a clock takes a second to each deadline on its way.
"""

import asyncio
from datetime import datetime, timedelta

from ops.begin_anew import run_anew
from tests.rollouts.real_world import RealWorld
from tests.rollouts.scenarios.runs import ended
from tests.workflows.bookings.desk import A_DAY, A_MINUTE, A_SECOND, AN_HOUR, BookingLife, books, service, slot
from tests.workflows.bookings.guests import guest_books, letters, link_in
from tests.workflows.bookings.series import recurs


async def to(life: BookingLife, moment: str, plus: timedelta = A_SECOND) -> None:
    """Time goes by for the booking until so long after an ISO 8601 moment."""
    there = datetime.fromisoformat(moment) + plus
    await life.world.pass_time(life.case, there - await life.world.now(life.case))


async def test_held_and_not_confirmed(world: RealWorld) -> None:
    life = await books(world, await service(world), await slot(A_DAY, world), notes="Canary notes")
    await to(life, life.opened["held_until_at"])
    await life.becomes("expired")
    await ended(world, life.case)
    await world.keep("booking_held_and_expired", life.case)


async def test_confirmed_moved_reminded_of_and_kept(world: RealWorld) -> None:
    of = await service(world)
    life = await books(world, of, await slot(3 * A_DAY, world), by="client")
    await life.done("client", "confirm")
    taken = await books(world, of, await slot(4 * AN_HOUR, world))
    await life.refused("client", "reschedule", "slot_taken", start=taken.opened["starts_at"])
    moved = await life.done("client", "reschedule", start=(await slot(3 * AN_HOUR, world)).isoformat())
    await to(life, moved["ends_at"], A_DAY + A_MINUTE)
    assert (await life.kinds())[-4:] == ["reminded", "begun", "completed", "followed_up"]
    await life.letters(4)
    await ended(world, life.case)
    await world.keep("booking_moved_and_kept", life.case)


async def test_confirmed_by_staff_who_check_in_who_comes(world: RealWorld) -> None:
    of = await service(world, members=2, auto_confirm=False, check_in=True)
    at = await slot(AN_HOUR, world)
    there, absent = await books(world, of, at), await books(world, of, at)
    for life in (there, absent):
        await life.done("client", "confirm")
        assert (await life.decided("approve")).status_code == 200
    await asyncio.gather(to(there, at.isoformat()), to(absent, at.isoformat(), AN_HOUR))
    await there.done("agent", "check-in")
    await there.done("agent", "complete")
    await world.keep("booking_checked_in", there.case)
    await absent.becomes("no_show")
    await absent.letters(2)
    await ended(world, absent.case)
    await world.keep("booking_no_show", absent.case)


async def test_not_confirmed_by_staff(world: RealWorld) -> None:
    of = await service(world, auto_confirm=False)
    life = await books(world, of, await slot(A_DAY, world))
    await life.done("client", "confirm")
    await life.done("client", "reschedule", start=(await slot(2 * A_DAY, world)).isoformat())
    assert (await life.decided("reject")).status_code == 200
    await life.letters(1)
    await ended(world, life.case)
    await world.keep("booking_not_confirmed", life.case)
    await world.keep("booking_moved_before_it_is_confirmed", life.case)


async def test_cancelled_by_a_guest(world: RealWorld) -> None:
    booked = (await guest_books(world, await service(world), await slot(2 * A_DAY, world))).json()
    visitor, link = await world.visitor(), link_in((await letters(world, booked["number"], 1))[0])
    for command, body in (("confirm", {}), ("cancel", {"reason": "Canary reason"})):
        answer = await visitor.post(f"{link}/{command}", json=body or None)
        assert answer.status_code == 200, answer.text
    await letters(world, booked["number"], 3)
    [row] = (await (await world.person("agent")).get("/bookings", params={"q": booked["number"]})).json()["items"]
    await ended(world, f"booking/{row['id']}")
    await world.keep("booking_cancelled_by_a_guest", f"booking/{row['id']}")


async def test_begun_from_its_row(world: RealWorld) -> None:
    life = await books(world, await service(world), await slot(AN_HOUR, world))
    confirmed = await life.done("client", "confirm")
    await life.letters(1)
    await run_anew(world.client, life.case)
    await to(life, confirmed["starts_at"])
    await life.done("agent", "complete")
    await to(life, (await life.read())["status_since"], A_DAY + A_MINUTE)
    await ended(world, life.case)
    await world.keep("booking_begun_from_its_row", life.case)


async def test_a_series_books_on_and_is_cancelled_from_some_booking_on(world: RealWorld) -> None:
    series = await recurs(world, await service(world), await slot(A_DAY, world), "FREQ=WEEKLY")
    first = series.opened["occurrences"]
    await series.has(first, status="confirmed")
    await world.pass_time(series.case, 8 * A_DAY)
    await series.happens("extended")
    [newest] = (await series.has(first + 1, status="confirmed"))[first:]
    await series.cancelled(from_position=3)
    await series.has(2, status="confirmed")
    await series.mails(2)
    await ended(world, series.case)
    await world.keep("series_extended_and_cancelled", series.case)
    # Opened by its series, cancelled by its series.
    await ended(world, f"booking/{newest['id']}")
    await world.keep("booking_of_a_series", f"booking/{newest['id']}")


async def test_a_series_that_has_ended_is_cancelled(world: RealWorld) -> None:
    series = await recurs(world, await service(world), await slot(A_DAY, world), "FREQ=DAILY;COUNT=26")
    await series.has(26, status="confirmed")
    await series.mails(1)
    await ended(world, series.case)
    await world.keep("series_ended", series.case)
    await world.keep("series_opened_a_few_at_a_time", series.case)
    await series.cancelled(from_position=25)
    await series.has(24, status="confirmed")
    await series.mails(2)
    await ended(world, series.case)
    await world.keep("series_cancelled_from_its_row", series.case)
