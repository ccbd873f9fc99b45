"""What people and time do to a series of bookings."""

import uuid
from datetime import timedelta
from itertools import groupby

from domain.bookings.series import AT_ONCE
from tests.workflows.bookings.desk import A_DAY, AN_HOUR, books, ended, service, slot
from tests.workflows.bookings.series import SeriesLife, asks, recurs
from tests.workflows.world import World, eventually


async def test_all_of_it_is_booked_but_what_is_taken(world: World) -> None:
    of = await service(world)
    at = await slot(A_DAY, world)
    taken = await books(world, of, at + 2 * A_DAY)
    series = await recurs(world, of, at, "FREQ=DAILY;COUNT=5")
    assert (series.opened["status"], series.opened["occurrences"]) == ("ended", 5)
    booked = await series.has(4)
    assert [each["position"] for each in booked] == [1, 2, 4, 5]
    assert {each["status"] for each in booked} == {"confirmed"}
    [skipped] = await series.skipped()
    assert (skipped["position"], skipped["starts_at"], skipped["code"]) == (3, taken.opened["starts_at"], "slot_taken")
    assert len(await series.mails(1)) == 1
    await eventually(series.history, ended)


async def test_it_is_all_or_nothing_where_one_wants_it_so(world: World) -> None:
    of = await service(world)
    at = await slot(A_DAY, world)
    taken = await books(world, of, at + A_DAY)
    refused = await asks(world, of, at, "FREQ=DAILY;COUNT=3", on_conflict="fail")
    assert (refused.status_code, refused.json()["code"]) == (409, "series_conflict")
    assert taken.opened["starts_at"][:16] in refused.json()["detail"]
    await books(world, of, at)


async def test_without_an_end_it_books_on_every_week(world: World) -> None:
    of = await service(world)
    at = await slot(A_DAY, world)
    series = await recurs(world, of, at, "FREQ=WEEKLY")
    first = len(await series.has(series.opened["occurrences"]))
    assert 9 <= first <= 10
    await series.passes(7 * A_DAY + AN_HOUR)
    await series.happens("extended")
    await series.has(first + 1)
    assert len({each["team_member_id"] for each in await series.bookings()}) == 1
    admin = await world.person("admin")
    assert (await admin.patch(f"/services/{of['id']}", json={"bookable": False})).status_code == 200
    await series.passes(7 * A_DAY)
    await series.happens("extended", 2)
    assert [each["code"] for each in await series.skipped()] == ["service_not_bookable"]
    await series.cancelled()
    ahead = await eventually(lambda: series.bookings(status="confirmed"), lambda left: not left)
    assert ahead == []
    await series.passes(15 * A_DAY)
    assert (await series.kinds()).count("extended") == 2


async def test_one_or_all_that_follow_are_called_off(world: World) -> None:
    of = await service(world)
    at = await slot(A_DAY, world)
    series = await recurs(world, of, at, "FREQ=DAILY;COUNT=40")
    booked = await series.has(40)
    client = await world.person("client")
    assert (await client.post(f"/bookings/{booked[1]['id']}/cancel", json={"reason": "Canary"})).status_code == 200
    await series.cancelled(from_position=21)
    left = await series.has(19, status="confirmed")
    assert [each["position"] for each in left] == [1, *range(3, 21)]
    again = await series.does("client", "cancel", reason="Canary", from_position=30)
    assert (again.status_code, again.json()["code"]) == (409, "series_over")
    await series.cancelled()
    await series.has(0, status="confirmed")
    assert {each["cancel_code"] for each in await series.bookings()} == {"by_customer", "series"}
    assert len(await series.mails(3)) == 3


async def test_of_many_the_next_few_wait_for_those_before(world: World) -> None:
    guest = {"name": "Canary", "email": f"{uuid.uuid4().hex}@guests.example"}
    wanted = {"rule": "FREQ=DAILY;COUNT=60", "start": (await slot(A_DAY, world)).isoformat(), "guest": guest}
    agent = await world.person("agent")
    answer = await agent.post("/booking-series", json=wanted | {"service_id": (await service(world))["id"]})
    series = SeriesLife(world, answer.json())
    await series.has(60, status="confirmed")
    assert (await series.does("agent", "cancel", reason="Canary")).status_code == 200
    await series.has(0, status="confirmed")
    story = await agent.get(f"/customers/{answer.json()['customer_id']}/timeline?limit=200")
    happened = [f"{event['case']['kind']} {event['kind']}" for event in story.json()["items"]]
    few, rest = AT_ONCE, 60 - 2 * AT_ONCE
    assert [(what, len(list(those))) for what, those in groupby(happened)] == [
        ("booking_series opened", 1),
        *(each for many in (few, few, rest) for each in _some("opened", many)),
        ("booking_series cancelled", 1),
        *(each for many in (few, few, rest) for each in _some("cancelled", many)),
    ]


def _some(what: str, many: int) -> list[tuple[str, int]]:
    return [(f"booking_series bookings_{what}", 1), (f"booking {what}", many)]


async def test_a_rule_that_cannot_be_is_refused_by_its_field(world: World) -> None:
    of = await service(world)
    at = await slot(A_DAY, world)
    for rule in ("FREQ=SECONDLY", "FREQ=DAILY;COUNT=501", "nonsense", "FREQ=WEEKLY;BYDAY=XX"):
        refused = await asks(world, of, at, rule)
        assert (refused.status_code, refused.json()["code"]) == (422, "recurrence_invalid"), refused.text
        assert refused.json()["errors"][0]["field"] == "rule"
    late = await asks(world, of, at + timedelta(days=4_000), "FREQ=DAILY")
    assert (late.status_code, late.json()["code"]) == (409, "series_empty"), late.text


async def test_a_booking_with_a_recurrence_is_a_series(world: World) -> None:
    of = await service(world)
    at = await slot(A_DAY, world)
    wanted = {"service_id": of["id"], "start": at.isoformat(), "recurrence": {"rule": "FREQ=DAILY;COUNT=2"}}
    client = await world.person("client")
    answer = await client.post("/bookings", json=wanted)
    assert answer.status_code == 201, answer.text
    series = SeriesLife(world, answer.json())
    assert series.number.startswith("SER-")
    assert [each["type"] for each in await series.has(2)] == ["recurring", "recurring"]
    for other in ({"promo_code": "WELCOME10"}, {"type": "emergency"}):
        refused = await client.post("/bookings", json=wanted | other)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
