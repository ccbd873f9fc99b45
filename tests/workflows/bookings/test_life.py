"""What people and time do to a booking."""

import asyncio
from datetime import datetime

import pytest

from tests.workflows.bookings.desk import A_DAY, A_MINUTE, A_SECOND, AN_HOUR, asks, books, ended, service, slot
from tests.workflows.world import World, eventually


async def test_it_is_held_confirmed_kept_and_written_to(world: World) -> None:
    of = await service(world)
    at = await slot(3 * A_DAY, world)
    life = await books(world, of, at, by="client", notes="Canary notes")
    assert life.number.startswith("BKG-")
    assert (life.opened["total"], life.opened["currency"]) == (5_000, of["currency"])
    held = datetime.fromisoformat(life.opened["held_until_at"]) - datetime.fromisoformat(life.opened["status_since"])
    assert held == 10 * A_MINUTE
    confirmed = await life.done("client", "confirm")
    assert (confirmed["status"], confirmed["starts_at"]) == ("confirmed", at.isoformat().replace("+00:00", "Z"))
    await life.refused("client", "confirm", "nothing_changes")
    [told] = await life.letters(1)
    assert told["To"] == "client@acme.example"
    await life.until(confirmed["starts_at"], -24 * AN_HOUR - A_MINUTE)
    assert await life.kinds() == ["opened", "confirmed"]
    await life.until(confirmed["starts_at"], -24 * AN_HOUR + A_SECOND)
    await life.happens("reminded")
    await life.until(confirmed["starts_at"], -2 * AN_HOUR + A_SECOND)
    await life.happens("reminded", 2)
    await life.until(confirmed["starts_at"])
    await life.becomes("in_progress")
    await life.until(confirmed["ends_at"])
    await life.becomes("completed")
    await life.until(confirmed["ends_at"], A_DAY)
    await life.happens("followed_up")
    assert len(await life.letters(4)) == 4
    assert await life.kinds() == [
        *("opened", "confirmed", "reminded", "reminded", "begun", "completed", "followed_up"),
    ]
    await eventually(life.history, ended)


async def test_a_place_that_nobody_confirms_is_free_again(world: World) -> None:
    of = await service(world)
    at = await slot(A_DAY, world)
    life = await books(world, of, at)
    refused = await asks(world, of, at)
    assert (refused.status_code, refused.json()["code"]) == (409, "slot_taken")
    free = [each["start"] for each in refused.json()["alternatives"]]
    assert len(free) == 3
    assert at.isoformat().replace("+00:00", "Z") not in free
    await life.until(life.opened["held_until_at"])
    await life.becomes("expired")
    await life.refused("client", "confirm", "booking_expired")
    again = await books(world, of, at)
    await again.done("client", "confirm")
    assert len(await again.letters(1)) == 1


async def test_staff_confirm_it_or_not(world: World) -> None:
    of = await service(world, members=2, auto_confirm=False)
    at = await slot(A_DAY, world)
    life, other = await books(world, of, at), await books(world, of, at)
    assert life.opened["team_member_id"] != other.opened["team_member_id"]
    assert (await life.done("client", "confirm"))["status"] == "pending"
    assert datetime.fromisoformat((await life.task())["due_at"]) < at
    await life.refused("client", "confirm", "nothing_changes")
    assert (await life.decided("approve")).status_code == 200
    assert (await life.becomes("confirmed"))["confirmed_at"]
    await other.done("client", "confirm")
    assert (await other.decided("reject")).status_code == 200
    assert (await other.becomes("cancelled"))["cancel_code"] == "not_confirmed"
    assert "annulée" in (await other.letters(1))[0]["Subject"]
    await books(world, of, at)


async def test_moved_before_it_is_confirmed_it_is_confirmed_in_time_for_the_new_time(world: World) -> None:
    of = await service(world, auto_confirm=False)
    soon, later = await slot(AN_HOUR, world), await slot(2 * A_DAY, world)
    life = await books(world, of, later)
    await life.done("client", "confirm")
    asked = await life.task()
    assert (await life.done("client", "reschedule", start=soon.isoformat()))["status"] == "pending"
    anew = await life.task()
    assert anew["id"] != asked["id"]
    assert datetime.fromisoformat(anew["due_at"]) < soon < datetime.fromisoformat(asked["due_at"])
    assert (await life.decided("approve")).status_code == 200
    assert (await life.becomes("confirmed"))["starts_at"] == soon.isoformat().replace("+00:00", "Z")


async def test_nobody_confirms_it_before_its_time(world: World) -> None:
    of = await service(world, auto_confirm=False)
    life = await books(world, of, await slot(6 * AN_HOUR, world))
    pending = await life.done("client", "confirm")
    await life.until(pending["starts_at"])
    await life.becomes("expired")
    assert "pas pu confirmer" in (await life.letters(1))[-1]["Subject"]


async def test_moved_it_is_reminded_of_before_the_new_time_only(world: World) -> None:
    of = await service(world)
    first, second = await slot(2 * A_DAY, world), await slot(5 * A_DAY, world)
    life = await books(world, of, first)
    await life.done("client", "confirm")
    await life.until(first.isoformat(), -24 * AN_HOUR + A_SECOND)
    await life.happens("reminded")
    moved = await life.done("client", "reschedule", start=second.isoformat())
    assert (moved["status"], moved["starts_at"]) == ("confirmed", second.isoformat().replace("+00:00", "Z"))
    await life.refused("client", "reschedule", "nothing_changes", start=second.isoformat())
    await books(world, of, first)
    await life.until(first.isoformat(), AN_HOUR)
    assert (await life.kinds()).count("reminded") == 1
    await life.until(second.isoformat(), -AN_HOUR)
    assert (await life.happens("reminded", 3)).count("reminded") == 3
    await life.done("client", "cancel", reason="Canary reason")
    await life.until(second.isoformat(), A_DAY)
    assert (await life.kinds())[-1] == "cancelled"


async def test_a_move_that_cannot_be_leaves_it_where_it_is(world: World) -> None:
    of = await service(world)
    first, taken = await slot(A_DAY, world), await slot(A_DAY + 2 * AN_HOUR, world)
    life = await books(world, of, first)
    await books(world, of, taken)
    refused = await life.refused("client", "reschedule", "slot_taken", start=taken.isoformat())
    assert refused["alternatives"]
    await life.refused("client", "reschedule", "slot_off_grid", start=(taken + 7 * A_MINUTE).isoformat())
    assert (await life.read())["starts_at"] == life.opened["starts_at"]
    assert (await asks(world, of, first)).json()["code"] == "slot_taken"


async def test_who_does_not_check_in_is_not_waited_for(world: World) -> None:
    of = await service(world, members=2, check_in=True)
    at = await slot(A_DAY, world)
    absent, there = await books(world, of, at), await books(world, of, at)
    for life in (absent, there):
        await life.done("client", "confirm")
    await there.refused("agent", "check-in", "booking_too_early")
    await there.refused("agent", "complete", "booking_not_begun")
    await there.refused("agent", "no-show", "booking_not_begun")
    await there.until(at.isoformat(), -10 * A_MINUTE)
    assert (await there.done("agent", "check-in"))["status"] == "in_progress"
    await there.until(at.isoformat(), 15 * A_MINUTE + A_SECOND)
    await absent.becomes("no_show")
    await absent.refused("client", "cancel", "booking_no_show", reason="Late")
    assert (await there.done("agent", "complete"))["status"] == "completed"


async def test_seats_fill_to_the_last_and_not_beyond(world: World) -> None:
    of = await service(world, capacity=3)
    at = await slot(A_DAY, world)
    lives = [await books(world, of, at) for _ in range(3)]
    assert len({life.opened["team_member_id"] for life in lives}) == 1
    assert (await asks(world, of, at)).json()["code"] == "slot_taken"
    await lives[1].done("client", "cancel", reason="Canary")
    await books(world, of, at)
    assert (await asks(world, of, at)).json()["code"] == "slot_taken"


async def test_nobody_holds_all_places(world: World) -> None:
    of = await service(world, members=8)
    at = await slot(4 * A_DAY, world)
    answers = await asyncio.gather(*(asks(world, of, at, by="client2") for _ in range(7)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] * 5 + [409] * 2
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"too_many_held"}
    customer = next(answer.json()["customer_id"] for answer in answers if answer.status_code == 201)
    assert (await asks(world, of, at, customer_id=customer)).status_code == 201
    client = await world.person("client2")
    for answer in answers:
        if answer.status_code == 201:
            await client.post(f"/bookings/{answer.json()['id']}/cancel", json={"reason": "Canary"})


async def test_thirty_at_once_get_one_place(world: World) -> None:
    of = await service(world)
    at = await slot(A_DAY, world)
    answers = await asyncio.gather(*(asks(world, of, at) for _ in range(30)))
    codes = [answer.status_code for answer in answers]
    assert codes.count(201) == 1, codes
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} == {"slot_taken"}


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"start": "2020-01-01T00:00:00Z"}, 409, "slot_in_past"),
        ({"start": "2099-01-01T00:00:00Z"}, 409, "too_far_ahead"),
        ({"start": "0001-01-01T00:00:00Z"}, 422, "invalid"),
        ({"start": "9999-12-31T23:59:59Z"}, 422, "invalid"),
        ({"type": "consultation"}, 409, "type_not_offered"),
        ({"promo_code": "NOSUCH"}, 409, "promo_unknown"),
        ({"team_member_id": "00000000-0000-7000-8000-000000000000"}, 422, "unknown"),
        ({"service_id": "00000000-0000-7000-8000-000000000000"}, 422, "unknown"),
        ({"guest": {"name": "A", "email": "a@b.example"}}, 422, "other_customer"),
    ],
)
async def test_what_cannot_be_booked(world: World, given: dict[str, str], status: int, code: str) -> None:
    of = await service(world)
    body = {"service_id": of["id"], "start": (await slot(A_DAY, world)).isoformat(), **given}
    answer = await (await world.person("client")).post("/bookings", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_people_choose_when_they_are_reminded_and_whether(world: World) -> None:
    of = await service(world, members=2)
    at = await slot(3 * A_DAY, world)
    client = await world.person("client2")
    wish = {"hours_before": [30], "email": True, "timezone": "UTC", "quiet_from": None, "quiet_until": None}
    assert (await client.put("/me/reminders", json=wish)).status_code == 200
    reminded, silent = [await books(world, of, at, by="client2") for _ in range(2)]
    await reminded.done("client2", "confirm")
    await reminded.until(at.isoformat(), -30 * AN_HOUR + A_SECOND)
    assert (await reminded.happens("reminded")).count("reminded") == 1
    assert len(await reminded.letters(2)) == 2
    await reminded.until(at.isoformat(), -AN_HOUR)
    assert (await reminded.kinds()).count("reminded") == 1
    assert (await silent.read())["status"] == "expired"
    later = await slot(2 * A_DAY, world)
    silent = await books(world, of, later, by="client2")
    await silent.done("client2", "confirm")
    assert (await client.put("/me/reminders", json=wish | {"email": False})).status_code == 200
    await silent.until(later.isoformat())
    await silent.becomes("in_progress")
    assert len(await silent.letters(1)) == 1
