"""What times and zones are asked for, and what comes of those that cannot be."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.api.bookings.setting_up import WORK_WEEK, service, team_member
from tests.api.house import Company

EVERY_DAY = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(7)]


@pytest.fixture(scope="module")
async def offered(company: Company) -> dict[str, Any]:
    made = await service(company, windows=EVERY_DAY, observes_holidays=False, booking_types=["standard", "recurring"])
    await team_member(company, service_ids=[made["id"]], windows=EVERY_DAY)
    return made


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        ("0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z", "from"),
        ("9999-12-01T00:00:00Z", "9999-12-31T23:59:59Z", "from"),
        ("1969-12-31T00:00:00Z", "1970-01-02T00:00:00Z", "from"),
        ("2026-12-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "to"),
        ("2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z", "to"),
        ("2026-12-01T00:00:00Z", "2027-12-01T00:00:00Z", "to"),
        ("2026-12-01T00:00:00", "2026-12-02T00:00:00Z", "from"),
    ],
)
async def test_a_range_that_cannot_be(
    company: Company, offered: dict[str, Any], since: str, until: str, field: str
) -> None:
    query = {"service_id": offered["id"], "from": since, "to": until}
    for http, path in (
        (company.admin.http, "/availability"),
        (company.house.visitor(), f"/public/{company.slug}/availability"),
    ):
        refused = await http.get(path, params=query)
        assert refused.status_code == 422, refused.text
        assert field in refused.json()["errors"][0]["field"]


@pytest.mark.parametrize(
    "zone", ["Africa", "../etc/passwd", "/etc/passwd", "A" * 64, "Europe/Paris\x00", "é", " ", "."]
)
async def test_a_zone_that_there_is_not(company: Company, offered: dict[str, Any], zone: str) -> None:
    query = {"service_id": offered["id"], "from": "2026-12-01T00:00:00Z", "to": "2026-12-02T00:00:00Z", "tz": zone}
    refused = await company.admin.http.get("/availability", params=query)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "timezone_unknown"), refused.text


@pytest.mark.parametrize(
    ("start", "status", "code"),
    [
        ("0001-01-01T00:00:00Z", 422, "invalid"),
        ("1999-12-31T23:59:59Z", 422, "invalid"),
        ("9999-12-31T23:59:59Z", 422, "invalid"),
        ("2000-01-01T00:00:00Z", 409, "slot_in_past"),
        ("2100-12-31T23:00:00Z", 409, "too_far_ahead"),
    ],
)
async def test_a_time_that_nobody_can_book(
    company: Company, offered: dict[str, Any], start: str, status: int, code: str
) -> None:
    body = {"service_id": offered["id"], "start": start}
    guest = {"name": "Somebody", "email": company.house.new_email("guest")}
    booked = await company.admin.http.post("/bookings", json=body | {"guest": guest})
    by_guest = await company.house.visitor().post(f"/public/{company.slug}/bookings", json=body | {"guest": guest})
    recurring = await company.admin.http.post("/booking-series", json=body | {"guest": guest, "rule": "FREQ=DAILY"})
    for answer in (booked, by_guest, recurring) if status == 422 else (booked, by_guest):
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


@pytest.mark.parametrize("beside", [timedelta(microseconds=1), timedelta(seconds=59), timedelta(minutes=1)])
async def test_a_time_beside_the_grid(company: Company, offered: dict[str, Any], beside: timedelta) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3)
    guest = {"name": "Somebody", "email": company.house.new_email("guest")}
    body = {"service_id": offered["id"], "start": (midnight + beside).isoformat(), "guest": guest}
    refused = await company.admin.http.post("/bookings", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "slot_off_grid"), refused.text
    assert len(refused.json()["alternatives"]) == 3


async def test_who_names_somebody_is_offered_times_of_that_person(company: Company, offered: dict[str, Any]) -> None:
    by_name = await team_member(company, service_ids=[offered["id"]], windows=WORK_WEEK, auto_assign=False)
    saturday = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    saturday += timedelta(days=(5 - saturday.weekday()) % 7 + 7)
    guest = {"name": "Somebody", "email": company.house.new_email("guest")}
    body = {"service_id": offered["id"], "start": saturday.isoformat(), "guest": guest}
    refused = await company.admin.http.post("/bookings", json=body | {"team_member_id": by_name["id"]})
    assert refused.json()["code"] == "member_away", refused.text
    free = refused.json()["alternatives"]
    assert [each["team_member_ids"] for each in free] == [[by_name["id"]]] * 3
    assert all(datetime.fromisoformat(each["start"]).weekday() < 5 for each in free)


async def test_what_cannot_be_booked_any_more_has_no_times(company: Company) -> None:
    made = await service(company)
    query = {"service_id": made["id"], "from": "2026-12-01T00:00:00Z", "to": "2026-12-02T00:00:00Z"}
    nobody_does_it = await company.admin.http.get("/availability", params=query)
    assert (nobody_does_it.status_code, nobody_does_it.json()["slots"]) == (200, [])
    assert (await company.admin.http.patch(f"/services/{made['id']}", json={"bookable": False})).status_code == 200
    for service_id in (made["id"], str(UUID(int=0))):
        gone = await company.admin.http.get("/availability", params=query | {"service_id": service_id})
        assert (gone.status_code, gone.json()["errors"][0]["code"]) == (422, "unknown")
