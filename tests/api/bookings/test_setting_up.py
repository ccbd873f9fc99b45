"""Who may say what can be booked and with whom, and what becomes of several who say it at once."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.api.bookings.setting_up import WORK_WEEK, promo_code, service, team_member
from tests.api.house import Company


@pytest.mark.parametrize("role", ["manager", "agent", "client"])
async def test_only_who_sets_up_changes_what_can_be_booked(company: Company, role: str) -> None:
    person = await company.register() if role == "client" else await company.member(role)
    offered, member, promo = await service(company), await team_member(company), await promo_code(company)
    bodies: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "/services": (offered["id"], {"name": f"By a {role}", "duration_minutes": 5, "base_price": 0}, {"capacity": 2}),
        "/team-members": (member["id"], {"account_id": person.id}, {"max_concurrent": 2}),
        "/promo-codes": (promo["id"], {"code": f"BY-{role}", "percent_bp": 1}, {"max_uses": 1}),
    }
    for path, (made_id, new, change) in bodies.items():
        hours = {} if path == "/promo-codes" else {"windows": WORK_WEEK}
        posted = await person.http.post(path, json=new | hours)
        patched = await person.http.patch(f"{path}/{made_id}", json=change)
        assert [posted.status_code, patched.status_code] == ([201, 200] if role == "manager" else [403, 403]), path
        listed = await person.http.get(path)
        assert listed.status_code == (403 if path == "/promo-codes" and role != "manager" else 200)
    for path in (f"/services/{offered['id']}", f"/promo-codes/{promo['id']}"):
        assert (await person.http.delete(path)).status_code == (204 if role == "manager" else 403)


async def test_of_several_at_once_one_is_first(company: Company) -> None:
    http = company.admin.http
    for path, body in (
        ("/services", {"name": "At once", "duration_minutes": 5, "base_price": 0, "windows": WORK_WEEK}),
        ("/team-members", {"account_id": company.admin.id, "windows": WORK_WEEK}),
        ("/promo-codes", {"code": "AT-ONCE", "amount": 1}),
    ):
        answers = await asyncio.gather(*(http.post(path, json=body) for _ in range(6)))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 5}, path


async def test_a_service_goes_while_others_name_it(company: Company) -> None:
    http, member = company.admin.http, await team_member(company)
    path = f"/team-members/{member['id']}"
    for turn in range(4):
        offered = await service(company)
        given = {"service_ids": [offered["id"]]}
        if turn % 2:
            assert (await http.patch(path, json=given)).status_code == 200
        asks = [
            http.delete(f"/services/{offered['id']}"),
            http.patch(path, json={"service_ids": []} if turn % 2 else given),
            http.post("/promo-codes", json={"code": f"TURN-{turn}", "percent_bp": 1, **given}),
        ]
        gone, named, promised = [answer.status_code for answer in await asyncio.gather(*asks)]
        left = (await http.get(f"/services/{offered['id']}")).status_code
        assert (gone, promised, left) in {(204, 422, 404), (409, 201, 200)}
        assert named == 200 if left == 200 or turn % 2 else named in (200, 422)
        does = (await http.get(path)).json()["service_ids"]
        assert does == ([offered["id"]] if left == 200 and not turn % 2 else [])
