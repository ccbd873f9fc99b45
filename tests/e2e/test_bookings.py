"""Bookings over HTTP on the real stack: races for one place, reminders through crashes, and what stays in the
database."""

import asyncio
import csv
import os
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.e2e.desk import Json, assert_problem, mailed, mails, read, settled
from tests.e2e.team import ROUND_THE_CLOCK, manager_serves
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

CANARY = f"canary{uuid4().hex[:12]}"
A_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
async def offered(people: People) -> Json:
    """A service of globex round the clock, and the one who is named for it."""
    admin = await people.log_in("admin@globex.example")
    body = {"name": CANARY, "duration_minutes": 30, "base_price": 100, "windows": ROUND_THE_CLOCK, "timezone": "UTC"}
    body |= {"booking_types": ["standard", "recurring"], "observes_holidays": False}
    made = await admin.post("services", json=body)
    assert made.status_code == 201, made.text
    return made.json() | {"member_id": await manager_serves(admin, made.json()["id"])}


async def free(person: httpx2.AsyncClient, of: Json, ahead: int, **query: Any) -> list[Json]:
    """The slots of a day that lies so many days ahead."""
    since = datetime.now(UTC) + ahead * A_DAY
    stretch = {"from": since.isoformat(), "to": (since + A_DAY).isoformat()}
    slots: list[Json] = (await read(person, "availability", service_id=of["id"], **stretch, **query))["slots"]
    return slots


async def books(person: httpx2.AsyncClient, of: Json, start: str, **given: Any) -> Json:
    answer = await person.post("bookings", json={"service_id": of["id"], "start": start, **given})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_hundred_at_once_get_one_place_and_the_rest_are_told_where_there_is_another(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient, offered: Json
) -> None:
    start = (await free(customer, offered, 2))[0]["start"]
    me = (await read(customer, "me"))["customer"]["id"]
    body = {"service_id": offered["id"], "start": start, "customer_id": me}
    answers = await asyncio.gather(*(agent.post("bookings", json=body) for _ in range(100)))
    refused = [answer for answer in answers if answer.status_code == 409]
    for answer in refused:
        assert_problem(answer, 409, "slot_taken")
        assert len(answer.json()["alternatives"]) == 3
    # Whose answer would have taken too long are told afterwards.
    ends = [
        await settled(agent, each.json()["command_id"]) if each.status_code == 202 else each.json() for each in answers
    ]
    assert Counter(end.get("code") for end in ends) == {None: 1, "slot_taken": 99}
    elsewhere = refused[0].json()["alternatives"][0]
    assert start not in {slot["start"] for slot in await free(customer, offered, 2)}
    assert (await books(agent, offered, elsewhere["start"], customer_id=me))["status"] == "held"


async def test_moved_and_cancelled_in_one_moment_it_has_one_place_or_none(
    customer: httpx2.AsyncClient, offered: Json
) -> None:
    first, second, *_ = [slot["start"] for slot in await free(customer, offered, 4)]
    booking = await books(customer, offered, first)
    deeds = [
        *(customer.post(f"bookings/{booking['id']}/reschedule", json={"start": second}) for _ in range(5)),
        *(customer.post(f"bookings/{booking['id']}/cancel", json={"reason": "Changed my mind"}) for _ in range(5)),
    ]
    answers = await asyncio.gather(*deeds)
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert [answer.status_code for answer in answers[5:]].count(200) == 1
    assert (await read(customer, f"bookings/{booking['id']}"))["status"] == "cancelled"
    assert {first, second} <= {slot["start"] for slot in await free(customer, offered, 4)}


async def test_each_reminder_comes_once_through_a_crash_a_move_and_a_cancellation(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, offered: Json
) -> None:
    first, second, *_ = [slot["start"] for slot in await free(customer, offered, 6)]
    kept, gone = await books(customer, offered, first), await books(customer, offered, second)
    for booking in (kept, gone):
        assert (await customer.post(f"bookings/{booking['id']}/confirm")).status_code == 200
    cancelled = await customer.post(f"bookings/{gone['id']}/cancel", json={"reason": "Ill"})
    assert cancelled.status_code == 200, cancelled.text
    later = (await free(customer, offered, 9))[0]["start"]
    moved = await customer.post(f"bookings/{kept['id']}/reschedule", json={"start": later})
    assert moved.status_code == 200, moved.text
    ahead = datetime.fromisoformat(later) - datetime.now(UTC)
    forward = asyncio.create_task(stack.pass_time(f"booking/{kept['id']}", ahead - timedelta(hours=1)))
    os.kill(stack.part("worker"), signal.SIGKILL)
    await forward
    await mailed(people, kept, "Reminder", times=2)
    assert (await kinds_of(customer, kept)).count("reminded") == 2
    assert "reminded" not in await kinds_of(customer, gone)
    assert not [mail for mail in await mails(people, gone) if "Reminder" in mail["subject"]]


async def kinds_of(person: httpx2.AsyncClient, booking: Json) -> list[str]:
    events = (await read(person, f"bookings/{booking['id']}/timeline", limit=200))["items"]
    return [event["kind"] for event in events]


async def test_what_guests_type_stays_in_the_database_and_harms_no_spreadsheet(
    stack: RunningStack, people: People, agent: httpx2.AsyncClient, offered: Json
) -> None:
    start = (await free(agent, offered, 12))[0]["start"]
    guest = {"name": f"=cmd|{CANARY}", "email": f"{CANARY}@new.example", "phone": "+213550123456"}
    body = {"service_id": offered["id"], "start": start, "guest": guest, "notes": f"+{CANARY} notes"}
    answer = await people.nobody.post("public/globex/bookings", json=body)
    assert answer.status_code == 201, answer.text
    assert "@" not in answer.text
    [booking] = (await read(agent, "bookings", q=answer.json()["number"]))["items"]
    exported = await agent.get("bookings/export.csv", params={"service_id": offered["id"]})
    rows = {row["number"]: row for row in csv.DictReader(StringIO(exported.text))}
    assert (rows[booking["number"]]["customer"], rows[booking["number"]]["notes"]) == (
        f"'{guest['name']}",
        f"'{body['notes']}",
    )
    assert rows.keys() == {
        each["number"] for each in (await read(agent, "bookings", service_id=offered["id"]))["items"]
    }
    logs = {file.name: file.read_text(errors="replace") for file in (stack.home / "logs").glob("*.log*")}
    assert [name for name, log in logs.items() if CANARY in log] == []
    temporal = await stack.temporal()
    handle = temporal.get_workflow_handle(f"booking/{booking['id']}")
    known = (await handle.describe()).raw_description.SerializeToString()
    known += b"".join([event.SerializeToString() async for event in handle.fetch_history_events()])
    assert booking["id"].encode() in known
    assert CANARY.encode() not in known


async def test_a_series_is_told_in_one_mail_and_its_bookings_are_the_lists(
    people: People, customer: httpx2.AsyncClient, other_customer: httpx2.AsyncClient, offered: Json
) -> None:
    start = (await free(customer, offered, 20))[3]["start"]
    body = {"service_id": offered["id"], "start": start, "rule": "FREQ=DAILY;COUNT=30"}
    answer = await customer.post("booking-series", json=body)
    assert answer.status_code == 201, answer.text
    series = answer.json()
    assert (await read(customer, f"booking-series/{series['id']}/skipped"))["items"] == []

    async def all_there() -> bool:
        query = {"series_id": series["id"], "status": "confirmed", "count": True}
        return (await read(customer, "bookings", **query))["total"] == 30

    await eventually(all_there, "all bookings are opened", within=60, every=0.3)
    await mailed(people, series, "Your bookings")
    assert (await read(other_customer, "bookings", series_id=series["id"]))["items"] == []
    assert_problem(
        await other_customer.post(f"booking-series/{series['id']}/cancel", json={"reason": "x"}), 404, "not_found"
    )
