"""Services: what is taken, what is refused, and who sees what of them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from models.bookings import Booking
from models.services import Service
from tests.api.bookings.setting_up import WORK_WEEK, promo_code, refused_field, service, team_member
from tests.api.house import Company, House, code_of

NIGHT = {"weekday": 4, "opens": "22:00", "closes": "02:00"}
BODY = {"name": "Massage", "duration_minutes": 45, "windows": WORK_WEEK, "base_price": 1}


@pytest.fixture(scope="module")
async def plain(company: Company) -> dict[str, Any]:
    return await service(company)


async def test_what_is_not_said_is_as_usual(company: Company) -> None:
    made = await service(company, name="Plain", duration_minutes=45)
    tenant = company.admin.me["tenant"]
    assert (made["timezone"], made["currency"], made["slot_minutes"]) == (tenant["timezone"], tenant["currency"], 45)
    assert (made["bookable"], made["capacity"], made["booking_types"]) == (True, 1, ["standard"])
    assert (made["auto_confirm"], made["check_in"], made["observes_holidays"]) == (True, False, True)
    assert made["windows"] == WORK_WEEK


async def test_all_of_it_is_kept_and_changed(company: Company) -> None:
    http = company.admin.http
    said = {
        "name": "Everything",
        "description": "All that a service can have",
        "bookable": False,
        "timezone": "Australia/Lord_Howe",
        "duration_minutes": 90,
        "slot_minutes": 15,
        "capacity": 8,
        "min_notice_minutes": 120,
        "max_advance_days": 365,
        "daily_cap": 3,
        "buffer_before_minutes": 10,
        "buffer_after_minutes": 20,
        "windows": [NIGHT, {"weekday": 6, "opens": "00:00", "closes": "24:00"}],
        "observes_holidays": False,
        "blackouts": ["2026-12-24", "2026-12-25"],
        "booking_types": ["standard", "recurring", "emergency", "consultation"],
        "currency": "EUR",
        "hourly_price": 6_000,
        "peak": [{"weekdays": [4, 5], "opens": "18:00", "closes": "02:00", "surcharge_bp": 2_500}],
        "weekend_bp": 1_000,
        "emergency_bp": 15_000,
        "auto_confirm": False,
        "check_in": True,
    }
    made = await service(company, base_price=None, **said)
    assert made == made | said | {"base_price": None}
    assert (await http.get(f"/services/{made['id']}")).json() == made
    changes: dict[str, Any] = {
        "blackouts": [],
        "daily_cap": None,
        "windows": [NIGHT],
        "base_price": 9_900,
        "hourly_price": None,
        "peak": [],
        "booking_types": ["emergency", "standard", "standard"],
    }
    changed = (await http.patch(f"/services/{made['id']}", json=changes)).json()
    assert changed["updated_at"] > made["updated_at"]
    assert changed == made | changes | {"booking_types": ["standard", "emergency"], "updated_at": changed["updated_at"]}
    assert (await http.patch(f"/services/{made['id']}", json={})).json() == changed
    audited = (await http.get("/audit", params={"action": "service.edited"})).json()["items"]
    assert audited[0]["detail"] == {"fields": sorted(changes)}


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"timezone": "Mars/Base"}, "timezone", "timezone_unknown"),
        ({"timezone": "../etc/passwd"}, "timezone", "timezone_unknown"),
        ({"windows": []}, "windows", "calendar_never_open"),
        ({"windows": [*WORK_WEEK, WORK_WEEK[0]]}, "windows", "windows_overlap"),
        ({"windows": [NIGHT, {"weekday": 5, "opens": "01:00", "closes": "03:00"}]}, "windows", "windows_overlap"),
        ({"windows": [{"weekday": 0, "opens": "24:00", "closes": "24:00"}]}, "windows", "calendar_invalid"),
        ({"windows": [{"weekday": 7, "opens": "09:00", "closes": "17:00"}]}, "windows.0.weekday", "less_than_equal"),
        ({"windows": [{"weekday": 0, "opens": "9:00", "closes": "17:00"}]}, "windows.0.opens", "value_error"),
        (
            {"peak": [{"weekdays": [0, 0, 1], "opens": "09:00", "closes": "10:00", "surcharge_bp": 1}] * 2},
            "peak",
            "windows_overlap",
        ),
        (
            {"peak": [{"weekdays": [], "opens": "01:00", "closes": "02:00", "surcharge_bp": 1}]},
            "peak.0.weekdays",
            "too_short",
        ),
        ({"hourly_price": 1}, "hourly_price", "one_price"),
        ({"base_price": None}, "base_price", "one_price"),
        ({"base_price": -1}, "base_price", "greater_than_equal"),
        ({"currency": "EUX"}, "currency", "value_error"),
        ({"duration_minutes": 4}, "duration_minutes", "greater_than_equal"),
        ({"duration_minutes": 10_081}, "duration_minutes", "less_than_equal"),
        ({"slot_minutes": 0}, "slot_minutes", "greater_than_equal"),
        ({"capacity": 0}, "capacity", "greater_than_equal"),
        ({"daily_cap": 0}, "daily_cap", "greater_than_equal"),
        ({"buffer_after_minutes": 1_441}, "buffer_after_minutes", "less_than_equal"),
        ({"max_advance_days": 3_651}, "max_advance_days", "less_than_equal"),
        ({"booking_types": []}, "booking_types", "too_short"),
        ({"booking_types": ["party"]}, "booking_types.0", "enum"),
        ({"blackouts": ["1999-12-31"]}, "blackouts.0", "value_error"),
        ({"name": "a\nb"}, "name", "value_error"),
        ({"colour": "red"}, "colour", "extra_forbidden"),
    ],
    ids=str,
)
async def test_what_no_service_is_like_is_refused_by_its_field(
    company: Company, plain: dict[str, Any], wrong: dict[str, Any], field: str, code: str
) -> None:
    http = company.admin.http
    for answer in (
        await http.post("/services", json=BODY | wrong),
        await http.patch(f"/services/{plain['id']}", json=wrong),
    ):
        assert refused_field(answer) == (field, code)


async def test_a_service_keeps_what_it_needs(company: Company, plain: dict[str, Any]) -> None:
    for field in ("name", "windows", "timezone", "bookable", "peak", "booking_types", "capacity"):
        answer = await company.admin.http.patch(f"/services/{plain['id']}", json={field: None})
        assert refused_field(answer) == (field, "missing")


async def test_two_services_do_not_share_a_name(company: Company, other_company: Company) -> None:
    http = company.admin.http
    first = await service(company, name="Only one")
    assert code_of(await http.post("/services", json=BODY | {"name": "Only one"})) == "name_taken"
    second = await service(company, name="Another one")
    refused = await http.patch(f"/services/{second['id']}", json={"name": "Only one"})
    assert (refused.status_code, code_of(refused)) == (409, "name_taken")
    assert (await http.patch(f"/services/{first['id']}", json={"name": "Only one"})).status_code == 200
    await service(other_company, name="Only one")


async def test_the_same_request_makes_one_service(company: Company) -> None:
    asked = {"json": BODY | {"name": "Once"}, "headers": {"Idempotency-Key": "once"}}
    answers = [await company.admin.http.post("/services", **asked) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


async def test_services_are_listed_found_and_sorted(house: House) -> None:
    company = await house.tenant()
    for name, bookable in (("Yoga", True), ("100% massage", True), ("Ancient", False)):
        await service(company, name=name, bookable=bookable)
    client = await company.register()
    lists: list[tuple[dict[str, Any], list[str], list[str]]] = [
        ({}, ["100% massage", "Ancient", "Yoga"], ["100% massage", "Yoga"]),
        ({"bookable": True}, ["100% massage", "Yoga"], ["100% massage", "Yoga"]),
        ({"bookable": False}, ["Ancient"], []),
        ({"q": "MASS"}, ["100% massage"], ["100% massage"]),
        ({"q": "%"}, ["100% massage"], ["100% massage"]),
        ({"sort": "-created_at"}, ["Ancient", "100% massage", "Yoga"], ["100% massage", "Yoga"]),
    ]
    for query, staff_sees, client_sees in lists:
        for http, expected in ((company.admin.http, staff_sees), (client.http, client_sees)):
            listed = (await http.get("/services", params=query | {"count": True})).json()
            assert [each["name"] for each in listed["items"]] == expected, query
            assert listed["total"] == len(expected)
    first = (await client.http.get("/services", params={"limit": 1})).json()
    rest = (await client.http.get("/services", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert [each["name"] for each in rest["items"]] == ["Yoga"]
    assert code_of(await client.http.get("/services", params={"sort": "price"})) == "sort_unknown"


async def test_customers_see_what_can_be_booked_and_nothing_of_how_it_is_run(company: Company) -> None:
    client = await company.register()
    shown, hidden = await service(company), await service(company, bookable=False)
    seen = (await client.http.get(f"/services/{shown['id']}")).json()
    assert seen == {name: shown[name] for name in seen}
    kept = {"bookable", "daily_cap", "buffer_before_minutes", "buffer_after_minutes", "created_at", "updated_at"}
    assert shown.keys() - seen.keys() == kept
    assert (await client.http.get(f"/services/{hidden['id']}")).status_code == 404


async def test_another_tenants_service_is_not_there(company: Company, other_company: Company) -> None:
    theirs = await service(other_company)
    http = company.admin.http
    for method in ("GET", "PATCH", "DELETE"):
        answer = await http.request(method, f"/services/{theirs['id']}", json={} if method == "PATCH" else None)
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    listed = (await http.get("/services", params={"limit": 200})).json()["items"]
    assert theirs["id"] not in [each["id"] for each in listed]


async def test_a_service_that_was_never_booked_is_deleted(company: Company) -> None:
    made = await service(company)
    member = await team_member(company, service_ids=[made["id"]])
    assert (await company.admin.http.delete(f"/services/{made['id']}")).status_code == 204
    assert (await company.admin.http.get(f"/services/{made['id']}")).status_code == 404
    left = (await company.admin.http.get(f"/team-members/{member['id']}")).json()
    assert left["service_ids"] == []


async def test_what_was_booked_is_taken_off_sale_instead(house: House, company: Company) -> None:
    http = company.admin.http
    booked, named = await service(company), await service(company)
    await promo_code(company, service_ids=[named["id"]])
    begins = datetime.now(UTC)
    tenant_id = UUID(company.admin.me["tenant"]["id"])
    customer_id = UUID((await company.customer())["id"])
    async with house.database.transaction(tenant_id) as session:
        session.add(
            Booking(
                tenant_id=tenant_id,
                customer_id=customer_id,
                service_id=UUID(booked["id"]),
                starts_at=begins,
                ends_at=begins + timedelta(hours=1),
                currency="DZD",
            )
        )
    for made in (booked, named):
        answer = await http.delete(f"/services/{made['id']}")
        assert (answer.status_code, code_of(answer)) == (409, "service_in_use")
        assert (await http.patch(f"/services/{made['id']}", json={"bookable": False})).status_code == 200


async def test_a_service_is_changed_while_it_is_booked(house: House, company: Company) -> None:
    """Whoever refers to a row holds its key, and no more."""
    made = await service(company)
    async with house.database.transaction(UUID(company.admin.me["tenant"]["id"])) as session:
        held = sa.select(col(Service.id)).where(col(Service.id) == UUID(made["id"]))
        await session.execute(held.with_for_update(read=True, key_share=True))
        changed = await company.admin.http.patch(f"/services/{made['id']}", json={"capacity": 5})
    assert changed.status_code == 200, changed.text
