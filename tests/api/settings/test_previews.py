"""What a change of a calendar or a role would mean, before it is made."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.api.house import Company, code_of, codes_of

WEEK = [{"weekday": day, "opens": "08:00", "closes": "17:00"} for day in (6, 0, 1, 2, 3)]
TARGET = {"first_response_minutes": 120, "resolution_minutes": 960}
TARGETS = dict.fromkeys(("low", "medium", "high", "urgent"), TARGET)


async def calendar(company: Company, name: str, **fields: Any) -> dict[str, Any]:
    body = {"name": name, "timezone": "Africa/Algiers", "windows": WEEK, **fields}
    answer = await company.admin.http.post("/calendars", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_calendar_is_seen_before_it_is_kept(company: Company) -> None:
    admin = company.admin.http
    kept = await calendar(company, "Desk")
    policy = {"name": "Gold", "calendar_id": kept["id"], "targets": TARGETS}
    assert (await admin.post("/sla-policies", json=policy)).status_code == 201
    shorter = [{**window, "closes": "16:00"} for window in WEEK]
    body = {"name": "Desk", "timezone": "Africa/Algiers", "windows": shorter, "calendar_id": kept["id"]}

    seen = (await admin.post("/calendars/preview", json=body)).json()

    assert len(seen["days"]) == 14
    assert {day["open_minutes"] for day in seen["days"]} == {0, 480}
    for day in seen["days"]:
        assert bool(day["stretches"]) == (datetime.fromisoformat(day["day"]).weekday() in (6, 0, 1, 2, 3))
    first = next(each for each in seen["examples"] if each["clock"] == "first_response")
    opened, due, before = (datetime.fromisoformat(first[name]) for name in ("opened_at", "due_at", "due_at_before"))
    # Thursday 15:30 in Algiers; open until 16:00 now, until 17:00 before; the next opening is on Sunday.
    assert (opened.weekday(), opened.hour, opened.minute) == (3, 14, 30)
    assert due - opened == timedelta(days=2, hours=16, minutes=30) + timedelta(minutes=90)
    assert before - opened == timedelta(days=2, hours=16, minutes=30) + timedelta(minutes=30)
    assert seen["open_tickets"] == 0
    assert (await admin.get(f"/calendars/{kept['id']}")).json() == kept


async def test_a_day_that_is_closed_says_why(company: Company) -> None:
    today = datetime.now().astimezone().date()
    days = {(today + timedelta(days=number)).isoformat(): "Moving house" for number in range(15)}
    body = {"name": "X", "timezone": "UTC", "windows": WEEK, "holidays_added": days}
    seen = (await company.admin.http.post("/calendars/preview", json=body)).json()
    assert {(day["open_minutes"], day["holiday"]) for day in seen["days"][:14]} == {(0, "Moving house")}


async def test_what_could_not_be_kept_is_not_seen_either(company: Company) -> None:
    admin = company.admin.http
    never = await admin.post("/calendars/preview", json={"name": "Never", "timezone": "UTC"})
    assert code_of(never) == code_of(await admin.post("/calendars", json={"name": "Never", "timezone": "UTC"}))
    unknown = {"name": "X", "timezone": "UTC", "always_open": True, "calendar_id": str(uuid4())}
    assert codes_of(await admin.post("/calendars/preview", json=unknown)) == {"unknown"}


async def test_who_gains_and_loses_by_a_role(company: Company) -> None:
    admin = company.admin.http
    made = {"key": "readers", "name": "Readers", "permissions": ["tickets:read", "tickets:read_all"]}
    role = (await admin.post("/roles", json=made)).json()
    reader, both = await company.member("readers"), await company.member("readers", "agent")
    wanted = {"name": "Readers", "permissions": ["tickets:read", "audit:read", "tickets:reply"]}

    seen = (await admin.post(f"/roles/{role['id']}/preview", json=wanted)).json()

    assert (seen["gained"], seen["lost"]) == (["audit:read", "tickets:reply"], ["tickets:read_all"])
    by_id = {each["id"]: (each["gains"], each["loses"]) for each in seen["people"]}
    assert by_id == {
        reader.id: (["audit:read", "tickets:reply"], ["tickets:read_all"]),
        both.id: (["audit:read"], []),
    }
    assert (await admin.get(f"/roles/{role['id']}")).json() == role | {"members": 2}
    of_admin = next(each for each in (await admin.get("/roles")).json()["items"] if each["key"] == "admin")
    refused = await admin.post(f"/roles/{of_admin['id']}/preview", json=wanted)
    assert (refused.status_code, code_of(refused)) == (409, "role_builtin")
