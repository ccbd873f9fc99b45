"""Names must be a single line, because they go into lists and into the headers of mails."""

from uuid import uuid4

import pytest

from tests.api.house import PASSWORD, Company, House

BREAKS = ("two\nlines", "carriage\rreturn", "nul\x00", "bell\x07", "line\u2028separator", "turned\u202eround")
# A name in French and one in Persian: a blank that does not break, and a mark that joins nothing.
FINE = ("Bonjour\u00a0!", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")
ALWAYS = {"name": "Whole days", "timezone": "UTC", "always_open": True}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/tickets", {"subject": "s", "body": "b"}, "subject"),
        ("/roles", {"key": "night", "name": "Night"}, "name"),
        ("/categories", {"name": "Other"}, "name"),
        ("/groups", {"name": "Second line"}, "name"),
        ("/calendars", ALWAYS, "name"),
        ("/customers", {"type": "individual", "name": "Nadia"}, "name"),
        ("/products", {"sku": "S-1", "name": "Chair", "unit_price": 1}, "name"),
        ("/users", {"email": "ina@people.example", "full_name": "Ina", "roles": ["client"]}, "full_name"),
    ],
)
async def test_a_name_of_two_lines_is_refused_with_its_field(
    company: Company, path: str, body: dict[str, object], field: str
) -> None:
    for text in BREAKS:
        answer = await company.admin.http.post(path, json=body | {field: text})
        assert answer.status_code == 422, text
        assert [error["field"] for error in answer.json()["errors"]] == [field], text


async def test_holidays_and_edits_too(company: Company) -> None:
    day = await company.admin.http.post("/calendars", json=ALWAYS | {"holidays_added": {"2026-12-01": BREAKS[0]}})
    edit = await company.admin.http.patch(f"/tickets/{uuid4()}", json={"subject": BREAKS[0]})
    tenant = {"slug": "two", "name": BREAKS[0], "timezone": "UTC", "currency": "EUR"}
    made = await (await company.house.superadmin()).http.post("/tenants", json=tenant)
    own = await company.admin.http.patch("/me", json={"full_name": BREAKS[0]})
    assert {answer.status_code for answer in (day, edit, made, own)} == {422}


async def test_what_people_write_in_other_languages_is_one_line(house: House, company: Company) -> None:
    for text in FINE:
        answer = await company.admin.http.post("/categories", json={"name": text})
        assert answer.status_code == 201, answer.text
    body = {"tenant": company.slug, "email": house.new_email(), "password": PASSWORD, "full_name": BREAKS[0]}
    assert (await house.visitor().post("/auth/register", json=body)).status_code == 422
