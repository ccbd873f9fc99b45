"""The settings in a browser: the same commands, audit entries and refusals as through the API."""

from typing import Any

import pytest

from tests.api.house import PASSWORD, Company, House
from tests.web.people.browser import Browser
from tests.web.people.conftest import NewBrowser

TARGET = {"first_response_minutes": 120, "resolution_minutes": 960}


@pytest.fixture
async def admin(company: Company, browser: NewBrowser) -> Browser:
    """The administrator's browser."""
    made = browser()
    await made.log_in(company.admin.email, PASSWORD)
    return made


async def last(company: Company, action: str) -> dict[str, Any]:
    """What the audit says of the newest entry of this kind, but for which thing it was."""
    [entry] = (await company.admin.http.get("/audit", params={"action": action, "limit": 1})).json()["items"]
    return {"entity_kind": entry["entity_kind"], "detail": entry["detail"]}


async def listed(company: Company, path: str, name: str) -> dict[str, Any]:
    items = (await company.admin.http.get(path)).json()["items"]
    found: dict[str, Any] = next(each for each in items if each["name"] == name)
    return found


async def test_people_are_invited_changed_and_taken_out(house: House, company: Company, admin: Browser) -> None:
    email = house.new_email("colleague")
    await admin.open("/settings/people/invite")
    roleless = await admin.send("/settings/people/invite", full_name="Colleague", email=email)
    assert (roleless.status, roleless.faults()) == (422, {"roles"})
    assert (await admin.send("/settings/people/invite", roles=["agent"])).address == "/settings/people"
    by_page = await last(company, "user.invited")
    body = {"email": house.new_email(), "full_name": "Other", "roles": ["agent"]}
    other = (await company.admin.http.post("/users", json=body)).json()
    assert await last(company, "user.invited") == by_page

    await admin.open("/settings/people")
    await admin.send(f"/settings/people/invitations/{other['id']}/withdraw")
    assert body["email"] not in admin.page.says
    await house.accept(email)
    colleague = await house.log_in(email)
    here = f"/settings/people/{colleague.id}"
    await admin.open(here)
    assert (await admin.send(here, roles=["agent", "reviewer"], away="yes")).status == 200
    changed = (await company.admin.http.get(f"/users/{colleague.id}")).json()
    assert (changed["roles"], changed["away"]) == (["agent", "reviewer"], True)
    assert colleague.me["user"]["full_name"] in (await admin.open("/settings/people?away=true")).says
    await admin.open(here)
    assert (await admin.send(f"{here}/remove")).address == "/settings/people"
    assert (await colleague.http.get("/me")).status_code == 401


async def test_the_last_administrator_stays_one(company: Company, admin: Browser) -> None:
    here = f"/settings/people/{company.admin.id}"
    await admin.open(here)
    refused = await admin.send(here, roles=["agent"])
    by_api = await company.admin.http.patch(f"/users/{company.admin.id}", json={"roles": ["agent"]})
    assert refused.status == by_api.status_code == 409
    assert by_api.json()["code"] == "last_admin"
    assert by_api.json()["detail"] in refused.says


async def test_a_role_that_may_only_read_is_made_and_changed(
    house: House, company: Company, admin: Browser, browser: NewBrowser
) -> None:
    await admin.open("/settings/roles/new")
    allowed = ["tickets:read", "tickets:read_all", "settings:read"]
    made = await admin.send("/settings/roles/new", name="Lookers", key="lookers", permissions=allowed)
    assert made.status == 200
    role = await listed(company, "/roles", "Lookers")
    assert made.address == f"/settings/roles/{role['id']}"
    looker, theirs = await company.member("lookers"), browser()
    await theirs.log_in(looker.email, PASSWORD)
    assert (await theirs.open("/settings/categories")).status == 200
    assert not theirs.page.tree.xpath("//main//form")
    assert (await theirs.open("/settings/people")).status == 403
    assert "users:read" in theirs.page.says

    here = f"/settings/roles/{role['id']}"
    seen = await admin.send(f"{here}/preview", permissions=[*allowed[:2], "audit:read"])
    assert "gains Audit: see all of it" in seen.says
    assert "loses Settings: see" in seen.says
    assert (await listed(company, "/roles", "Lookers"))["permissions"] == sorted(allowed)
    assert (await admin.send(here)).status == 200
    assert (await listed(company, "/roles", "Lookers"))["permissions"] == ["audit:read", *allowed[:2]]
    assert (await theirs.open("/audit")).status == 200
    in_use = await admin.send(f"{here}/delete")
    assert (in_use.status, "People have this role" in in_use.says) == (409, True)


async def test_groups_and_categories(company: Company, admin: Browser) -> None:
    await admin.open("/settings/groups")
    await admin.send("/settings/groups", name="Night", member_ids=[company.admin.id])
    assert "Ada Admin" in admin.page.says
    taken = await admin.send("/settings/groups", name="Night")
    assert (taken.status, "Another group has this name" in taken.says) == (409, True)
    group = await listed(company, "/groups", "Night")
    await admin.open(f"/settings/groups/{group['id']}")
    await admin.send(f"/settings/groups/{group['id']}", name="Late shift", member_ids=[])
    assert (await listed(company, "/groups", "Late shift"))["member_ids"] == []
    await admin.open(f"/settings/groups/{group['id']}")
    await admin.send(f"/settings/groups/{group['id']}/delete")
    assert "Late shift" not in admin.page.says

    await admin.open("/settings/categories")
    await admin.send("/settings/categories", name="Ovens")
    category = await listed(company, "/categories", "Ovens")
    await admin.open(f"/settings/categories/{category['id']}")
    await admin.send(f"/settings/categories/{category['id']}", name="Stoves")
    assert "Stoves" in admin.page.says
    assert (await admin.open(f"/settings/categories/{group['id']}")).status == 404


async def test_what_the_house_sets_is_typed_as_people_write_it(company: Company, admin: Browser) -> None:
    await admin.open("/settings/house/quotes")
    kept = await admin.send(
        "/settings/house/quotes", approval_discount_bp="12,5", approval_total="2 500.5", remind_days_before="7, 3"
    )
    assert (kept.status, "12.5 % off" in kept.says) == (200, True)
    by_page = await last(company, "settings.changed")
    in_force = (await company.admin.http.get("/settings")).json()["quotes"]
    assert (in_force["approval_discount_bp"], in_force["approval_total"]) == (1250, 250_050)
    assert in_force["remind_days_before"] == [3, 7]
    assert by_page["detail"]["quotes"]["after"] == in_force

    await admin.open("/settings/house/quotes")
    wrong = {"valid_days": "soon", "remind_days_before": "3, many", "approval_total": "much"}
    refused = await admin.send("/settings/house/quotes", **wrong)
    assert (refused.status, refused.faults()) == (422, set(wrong))
    assert "3, many" in refused.text
    assert (await admin.open("/settings/house/unknown")).status == 404


async def test_a_calendar_is_seen_before_it_is_kept(company: Company, admin: Browser) -> None:
    hours = {f"day{day}": "8-12, 13:00-17" for day in (6, 0, 1, 2, 3)}
    await admin.open("/settings/calendars/new")
    await admin.send("/settings/calendars/new", name="Desk", timezone="Africa/Algiers", **hours)
    calendar = await listed(company, "/calendars", "Desk")
    assert {"weekday": 0, "opens": "13:00", "closes": "17:00"} in calendar["windows"]
    policy = {
        "name": "Gold",
        "calendar_id": calendar["id"],
        "targets": dict.fromkeys(["low", "medium", "high", "urgent"], TARGET),
    }
    assert (await company.admin.http.post("/sla-policies", json=policy)).status_code == 201

    here = f"/settings/calendars/{calendar['id']}"
    await admin.open(here)
    form = dict(admin.page.form(here).form_values())
    seen = (await admin.http.post(f"{here}/preview", data=form | {"day3": "08:00-16:00"})).text
    admin.page.text = seen
    assert "15:30 is to be answered by" in admin.page.says
    assert "No open ticket is counted by it yet" in admin.page.says
    assert (await company.admin.http.get(f"/calendars/{calendar['id']}")).json() == calendar
    assert (await admin.send(here)).address == "/settings/calendars"
    changed = (await company.admin.http.get(f"/calendars/{calendar['id']}")).json()
    assert {"weekday": 3, "opens": "08:00", "closes": "16:00"} in changed["windows"]

    await admin.open(here)
    refused = await admin.send(here, day4="noon", holidays_added="tomorrow Feast")
    assert (refused.status, refused.faults()) == (422, {"day4", "holidays_added"})


async def test_a_service_level_is_made_and_changed(company: Company, admin: Browser) -> None:
    calendar = {"name": "Round the clock", "timezone": "UTC", "always_open": True}
    calendar_id = (await company.admin.http.post("/calendars", json=calendar)).json()["id"]
    within = {f"{priority}-first_response_minutes": "1 h 30 min" for priority in ("low", "medium", "high", "urgent")}
    within |= {f"{priority}-resolution_minutes": "16h" for priority in ("low", "medium", "high", "urgent")}
    step = {"step1-action": "notify_role", "step1-target": "manager", "step1-clock": "resolution", "step1-amount": "80"}
    await admin.open("/settings/service-levels/new")
    typed = within | step | {"name": "Silver", "calendar_id": calendar_id, "step1-amount": "x"}
    wrong = await admin.send("/settings/service-levels/new", **typed)
    assert (wrong.status, wrong.faults()) == (422, {"step1-amount"})
    made = await admin.send("/settings/service-levels/new", **{"step1-amount": "80"})
    assert made.address == "/settings/service-levels"
    policy = await listed(company, "/sla-policies", "Silver")
    assert policy["targets"]["high"] == {**TARGET, "first_response_minutes": 90, "next_response_minutes": None}
    assert [(each["target"], each["at_percent"]) for each in policy["escalations"]] == [("manager", 80)]

    here = f"/settings/service-levels/{policy['id']}"
    await admin.open(here)
    assert (await admin.send(here, **{"high-next_response_minutes": "45 min"})).status == 200
    changed = await listed(company, "/sla-policies", "Silver")
    assert changed["targets"]["high"]["next_response_minutes"] == 45
    assert changed["escalations"] == policy["escalations"]
    await admin.open(here)
    assert (await admin.send(f"{here}/delete")).address == "/settings/service-levels"


async def test_houses_are_made_by_those_who_run_the_platform(
    house: House, company: Company, admin: Browser, browser: NewBrowser
) -> None:
    assert (await admin.open("/tenants")).status == 403
    root, keeper = await house.superadmin(), browser()
    await keeper.log_in(root.email, PASSWORD)
    await keeper.open("/tenants")
    form = {"name": "A new house", "slug": "a-new-house", "timezone": "Mars/Base", "currency": "EUR"}
    wrong = await keeper.send("/tenants", **form)
    assert (wrong.status, wrong.faults()) == (422, {"timezone"})
    made = await keeper.send("/tenants", timezone="Europe/Paris", admin_email=house.new_email("first"))
    assert (made.status, "A new house" in made.says) == (200, True)
    assert company.slug in made.says


async def test_who_works_here_is_shown_to_who_may_read_it(company: Company, browser: NewBrowser) -> None:
    assert (await company.admin.http.post("/groups", json={"name": "Bakers"})).is_success
    await company.member("manager")
    may, seen = ["tickets:read", "tickets:read_all", "tickets:assign"], {}
    for key, more in (("blind", []), ("sees-people", ["users:read"]), ("sees-groups", ["settings:read"])):
        role = {"key": key, "name": key, "permissions": may + more}
        assert (await company.admin.http.post("/roles", json=role)).is_success
        theirs = browser()
        await theirs.log_in((await company.member(key)).email, PASSWORD)
        says = (await theirs.open("/tickets")).says
        seen[key] = ("A manager" in says, "Bakers" in says)
    assert seen == {"blind": (False, False), "sees-people": (True, False), "sees-groups": (False, True)}


async def test_a_customers_first_page_asks_what_the_api_asks(company: Company, browser: NewBrowser) -> None:
    role = {"key": "writes-only", "name": "Writes", "permissions": ["tickets:read", "tickets:open"]}
    assert (await company.admin.http.post("/roles", json=role)).is_success
    person = await company.member("writes-only", customer_id=(await company.customer())["id"])
    by_api = await person.http.get(f"/customers/{person.me['customer']['id']}/cases")
    theirs = browser()
    await theirs.log_in(person.email, PASSWORD)
    assert ((await theirs.open("/")).status, by_api.status_code) == (403, 403)
    assert "customers:read" in theirs.page.says
