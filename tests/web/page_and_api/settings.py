"""What is asked of how the house is set up, of its people, and of the houses on the platform."""

from typing import Any
from uuid import uuid4

from tests.e2e.desk import read, token_mailed_to
from tests.stack.people import People
from tests.web.page_and_api.same import Ids, Same, a_word, made
from tests.web.visitor import PASSWORD


async def _role(people: People) -> str:
    return await made("roles", key=f"r{uuid4()}", name="{word}")(people)


async def _calendar(people: People) -> str:
    return await made("calendars", name="{word}", timezone="UTC", windows=WINDOWS[:1])(people)


async def _to_count_by(people: People) -> Ids:
    calendar = await _calendar(people)
    return {"id": calendar, "calendar": calendar}


async def _level(people: People) -> Ids:
    calendar = await _calendar(people)
    level = await made("sla-policies", name="{word}", calendar_id=calendar, targets=TARGETS)(people)
    return {"id": level, "calendar": calendar}


async def _calendar_of_a_level(people: People) -> str:
    return (await _level(people))["calendar"]


async def _no_bank(people: People) -> str:
    admin = await people.log_in("admin@globex.example")
    assert (await admin.patch("settings", json={"invoices": {"bank_name": None}})).status_code == 200
    return str(uuid4())


async def _invited(people: People, email: str = "") -> str:
    email = email or f"{uuid4()}@people.example"
    return await made("users", email=email, full_name="Colleague", roles=["agent"])(people)


async def _colleague(people: People) -> str:
    email = f"{uuid4()}@people.example"
    await _invited(people, email)
    accepted = {"token": await token_mailed_to(people, email), "password": PASSWORD}
    assert (await people.nobody.post("auth/password/reset", json=accepted)).is_success
    [colleague] = (await read(await people.log_in("admin@globex.example"), "users", q=email))["items"]
    return str(colleague["id"])


async def _administrator(people: People) -> str:
    return str((await read(await people.log_in("admin@globex.example"), "me"))["user"]["id"])


PRIORITIES = ("low", "medium", "high", "urgent")
WITHIN = {"first_response_minutes": 90, "resolution_minutes": 960}
TARGETS: dict[str, Any] = dict.fromkeys(PRIORITIES, WITHIN)
TYPED = {
    **{f"{priority}-first_response_minutes": "1 h 30 min" for priority in PRIORITIES},
    **{f"{priority}-resolution_minutes": "16h" for priority in PRIORITIES},
    "step0-action": "notify_role",
    "step0-target": "manager",
    "step0-clock": "resolution",
    "step0-amount": "80",
    "name": "{id}",
    "calendar_id": "{calendar}",
}
STEPS = [{"clock": "resolution", "action": "notify_role", "target": "manager", "at_percent": 80}]
PROMISED = {"name": "{id}", "calendar_id": "{calendar}", "targets": TARGETS, "escalations": STEPS}
LEVEL, LEVELS = "/settings/service-levels/{id}", "/settings/service-levels/new"
HOURS = {"name": "{id}", "timezone": "Europe/Paris", "day0": "8-12, 13:00-17", "holidays_added": "2026-12-31 Stock"}
WINDOWS = [
    {"weekday": 0, "opens": "08:00", "closes": "12:00"},
    {"weekday": 0, "opens": "13:00", "closes": "17:00"},
]
OPEN = {"name": "{id}", "timezone": "Europe/Paris", "windows": WINDOWS, "holidays_added": {"2026-12-31": "Stock"}}
CALENDAR, CALENDARS = "/settings/calendars/{id}", "/settings/calendars/new"
ROLE, ROLES = "/settings/roles/{id}", "/settings/roles/new"
ALLOWED = {"name": "{id}", "permissions": ["tickets:read", "tickets:read_all"]}
NAMED, NAMELESS = {"name": "{id}"}, {"name": ""}
PERSON, PEOPLE, INVITE = "/settings/people/{id}", "/settings/people", "/settings/people/invite"
INVITED = {"email": "{id}@people.example", "full_name": "Colleague"}
MONEY = "/settings/house/invoices"
HOUSE = {"slug": "h{id}", "name": "A house", "locale": "fr", "timezone": "Europe/Paris", "currency": "EUR"}
OWNER, HOUSES = "superadmin@casewright.example", "/tenants"
ROWS = (
    *(
        Same("admin", make, page, action, f"{verb} {path}", typed, typed | body if typed else {}, code)
        for what, body in (("groups", {"member_ids": []}), ("categories", {"sla_policy_id": None}))
        for all_, one in ((f"/settings/{what}", f"/settings/{what}/{{id}}"),)
        for make, page, action, verb, path, typed, code in (
            (a_word, all_, all_, "POST", what, NAMED, ""),
            (a_word, all_, all_, "POST", what, NAMELESS, "string_too_short"),
            (made(what), one, one, "PUT", f"{what}/{{id}}", NAMED, ""),
            (made(what), one, f"{one}/delete", "DELETE", f"{what}/{{id}}", {}, ""),
        )
    ),
    *(
        Same("admin", a_word, ROLES, ROLES, "POST roles", ALLOWED | key, ALLOWED | key, code)
        for key, code in (({"key": "r{id}"}, ""), ({"key": "R"}, "string_pattern_mismatch"))
    ),
    Same("admin", _role, ROLE, ROLE, "PUT roles/{id}", ALLOWED, ALLOWED, look=f"{ROLE}/preview"),
    Same("admin", _role, ROLE, f"{ROLE}/delete", "DELETE roles/{id}"),
    *(
        Same("admin", make, page, page, asked, typed, body, code)
        for make, page, asked in (
            (a_word, CALENDARS, "POST calendars"),
            (_calendar, CALENDAR, "PUT calendars/{id}"),
        )
        for typed, body, code in (
            (HOURS, OPEN, ""),
            (HOURS | {"timezone": "Mars/Base"}, OPEN | {"timezone": "Mars/Base"}, "timezone_unknown"),
        )
    ),
    Same("admin", _calendar, CALENDAR, f"{CALENDAR}/delete", "DELETE calendars/{id}"),
    Same(
        "admin", _calendar_of_a_level, CALENDAR, f"{CALENDAR}/delete", "DELETE calendars/{id}", code="calendar_in_use"
    ),
    *(
        Same("admin", make, page, page, asked, TYPED | typed, PROMISED | body, code)
        for make, page, asked in (
            (_to_count_by, LEVELS, "POST sla-policies"),
            (_level, LEVEL, "PUT sla-policies/{id}"),
        )
        for typed, body, code in (
            ({}, {}, ""),
            ({"warn_percent": "100"}, {"warn_percent": 100}, "less_than_equal"),
        )
    ),
    Same("admin", _level, LEVEL, f"{LEVEL}/delete", "DELETE sla-policies/{id}"),
    *(
        Same("admin", _no_bank, MONEY, MONEY, "PATCH settings", typed, {"invoices": typed}, code)
        for typed, code in (({"bank_name": "A bank"}, ""), ({"due_days": "soon"}, "int_parsing"))
    ),
    *(
        Same("admin", a_word, INVITE, INVITE, "POST users", INVITED | roles, INVITED | {"roles": []} | roles, code)
        for roles, code in (({"roles": ["agent"]}, ""), ({}, "too_short"))
    ),
    Same("admin", _invited, PEOPLE, f"{PEOPLE}/invitations/{{id}}/withdraw", "DELETE invitations/{id}"),
    Same(
        *("admin", _colleague, PERSON, PERSON, "PATCH users/{id}", {"roles": ["agent", "reviewer"], "away": "yes"}),
        {"roles": ["agent", "reviewer"], "away": True},
    ),
    Same("admin", _colleague, PERSON, f"{PERSON}/remove", "DELETE users/{id}"),
    *(
        Same("admin", _administrator, PERSON, action, asked, typed, typed, "last_admin")
        for action, asked, typed in (
            (PERSON, "PATCH users/{id}", {"roles": ["agent"]}),
            (f"{PERSON}/remove", "DELETE users/{id}", {}),
        )
    ),
    *(
        Same(OWNER, a_word, HOUSES, HOUSES, "POST tenants", HOUSE | other, HOUSE | other, code)
        for other, code in (
            ({"admin_email": "{id}@people.example"}, ""),
            ({"timezone": "Mars/Base"}, "value_error"),
        )
    ),
)
