"""Entries of the audit, as an administrator reads them."""

from typing import Any

from tests.api.demo_house import House

CALENDAR = {
    "name": "Nights",
    "timezone": "Europe/Paris",
    "windows": [{"weekday": 0, "opens": "20:00", "closes": "23:00"}],
}
"""A calendar: an administrator may make one, a client may not."""


async def entries(house: House, slug: str, *, correlation_id: str) -> list[dict[str, Any]]:
    """The entries that a tenant's administrator sees of one request."""
    admin = await house.person(f"admin@{slug}.example")
    items = (await admin.get("/api/v1/audit?limit=200")).json()["items"]
    return [entry for entry in items if entry["correlation_id"] == correlation_id]


async def about(house: House, entity: str) -> list[dict[str, Any]]:
    """What happened to something of globex, such as `calendar/<id>`, oldest first."""
    admin = await house.person("admin@globex.example")
    answer = await admin.get("/api/v1/audit", params={"entity": entity, "sort": "sequence"})
    return answer.json()["items"]


async def account_of(house: House, email: str) -> str:
    """The id of the account with this address."""
    [[identity]] = house.ask("SELECT id FROM account WHERE email = %s", email)
    return str(identity)
