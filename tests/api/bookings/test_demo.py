"""What can be booked at the demo tenants is what they could have set up themselves."""

import pytest

from tests.api.demo_house import House


@pytest.mark.parametrize(
    ("tenant", "zone", "days", "names"),
    [
        ("acme", "Africa/Algiers", {6, 0, 1, 2, 3}, ["Consultation", "Furniture care class", "Visit"]),
        ("globex", "Europe/Paris", {0, 1, 2, 3, 4}, ["Consultation", "Visit"]),
    ],
)
async def test_the_demo_tenants_can_be_booked(
    in_house: House, tenant: str, zone: str, days: set[int], names: list[str]
) -> None:
    manager, client = [await in_house.person(f"{who}@{tenant}.example") for who in ("manager", "client")]
    services = (await client.get("/api/v1/services")).json()["items"]
    assert [service["name"] for service in services] == names
    by_name = {service["name"]: service for service in services}
    assert by_name["Consultation"]["auto_confirm"] is True
    assert (by_name["Visit"]["auto_confirm"], by_name["Visit"]["check_in"]) == (False, True)
    team = (await manager.get("/api/v1/team-members")).json()["items"]
    assert [member["name"] for member in team] == [f"{who} of {tenant.capitalize()}" for who in ("Agent", "Agent2")]
    for member in team:
        assert sorted(member["service_ids"]) == sorted(service["id"] for service in services)
        assert {(window["opens"], window["closes"]) for window in member["windows"]} == {("09:00", "17:00")}
        assert {window["weekday"] for window in member["windows"]} == days
    for path, rows in (("services", services), ("team-members", team)):
        for row in rows:
            assert row.get("timezone") == zone
            same = {"windows": row["windows"]} | ({"peak": row["peak"]} if "peak" in row else {})
            kept = await manager.patch(f"/api/v1/{path}/{row['id']}", json=same)
            assert kept.status_code == 200, kept.text
    [welcome] = (await manager.get("/api/v1/promo-codes")).json()["items"]
    assert (welcome["code"], welcome["percent_bp"]) == ("WELCOME10", 1_000)
