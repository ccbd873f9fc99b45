"""Who may say what can be booked, and with whom."""

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
