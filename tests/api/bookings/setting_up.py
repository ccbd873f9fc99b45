"""What the tests of bookings set up."""

import itertools
from typing import Any

import httpx2

from tests.api.house import Company

_numbers = itertools.count(1)

WORK_WEEK = [{"weekday": day, "opens": "09:00", "closes": "17:00"} for day in range(5)]


async def service(company: Company, **fields: Any) -> dict[str, Any]:
    """A new service."""
    body = {
        "name": f"Service {next(_numbers)}",
        "duration_minutes": 30,
        "windows": WORK_WEEK,
        "base_price": 5_000,
        **fields,
    }
    return await _made(company, "/services", {name: value for name, value in body.items() if value is not None})


async def team_member(company: Company, **fields: Any) -> dict[str, Any]:
    """Somebody new on the staff, in the team."""
    account_id = (await company.member("agent")).id
    return await _made(company, "/team-members", {"account_id": account_id, "windows": WORK_WEEK, **fields})


async def promo_code(company: Company, **fields: Any) -> dict[str, Any]:
    """A new code."""
    body = {"code": f"CODE-{next(_numbers)}", **(fields if "amount" in fields else {"percent_bp": 1_000, **fields})}
    return await _made(company, "/promo-codes", body)


def refused_field(answer: httpx2.Response) -> tuple[str, str]:
    """The first field of a payload that is refused, and the code that says why."""
    assert answer.status_code == 422, answer.text
    error = answer.json()["errors"][0]
    return error["field"], error["code"]


async def _made(company: Company, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await company.admin.http.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made
