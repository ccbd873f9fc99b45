"""Who appointments are made with."""

from typing import Any
from uuid import UUID

import httpx2

from tests.e2e.desk import Json, read

ROUND_THE_CLOCK: list[Json] = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(7)]


async def manager_serves(admin: httpx2.AsyncClient, service_id: str | UUID) -> str:
    """Has globex's manager serve this too, at any hour; returns the id of the member, who may have been there."""
    [manager] = (await read(admin, "users", q="manager@globex.example"))["items"]
    given: dict[str, Any] = {"service_ids": [str(service_id)], "windows": ROUND_THE_CLOCK}
    team = (await read(admin, "team-members"))["items"]
    if known := next((each for each in team if each["account_id"] == manager["id"]), None):
        given["service_ids"] += known["service_ids"]
        answer = await admin.patch(f"team-members/{known['id']}", json=given)
    else:
        answer = await admin.post("team-members", json={**given, "account_id": manager["id"], "timezone": "UTC"})
    assert answer.is_success, answer.text
    return str(answer.json()["id"])
