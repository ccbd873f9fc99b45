"""How people say how they want to be reminded."""

from typing import Any

import pytest

from tests.api.bookings.setting_up import refused_field
from tests.api.house import Company

USUAL = {"hours_before": None, "email": True, "timezone": None, "quiet_from": None, "quiet_until": None}


async def test_who_says_nothing_is_reminded_as_the_tenant_has_it(company: Company) -> None:
    for person in (await company.register(), company.admin):
        assert (await person.http.get("/me/reminders")).json() == USUAL


async def test_what_one_says_is_kept_until_one_says_otherwise(company: Company) -> None:
    client, other = await company.register(), await company.register()
    said = {"hours_before": [2, 48, 2], "timezone": "Europe/Paris", "quiet_from": "22:00", "quiet_until": "07:30"}
    kept = USUAL | said | {"hours_before": [48, 2]}
    assert (await client.http.put("/me/reminders", json=said)).json() == kept
    assert (await client.http.get("/me/reminders")).json() == kept
    assert (await other.http.get("/me/reminders")).json() == USUAL
    none = await client.http.put("/me/reminders", json={"email": False})
    assert none.json() == USUAL | {"email": False} == (await client.http.get("/me/reminders")).json()


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"hours_before": []}, "hours_before", "too_short"),
        ({"hours_before": [1, 2, 3, 4, 5, 6]}, "hours_before", "too_long"),
        ({"hours_before": [0]}, "hours_before.0", "greater_than_equal"),
        ({"hours_before": [337]}, "hours_before.0", "less_than_equal"),
        ({"timezone": "Mars/Base"}, "timezone", "timezone_unknown"),
        ({"quiet_from": "22:00"}, "quiet_until", "missing"),
        ({"quiet_until": "07:00"}, "quiet_from", "missing"),
        ({"quiet_from": "24:00", "quiet_until": "07:00"}, "quiet_from", "value_error"),
        ({"quiet_from": "7:00", "quiet_until": "08:00"}, "quiet_from", "value_error"),
        ({"quiet_from": "07:00:30", "quiet_until": "08:00"}, "quiet_from", "value_error"),
        ({"quiet_from": 25_200, "quiet_until": "08:00"}, "quiet_from", "value_error"),
        ({"email": None}, "email", "bool_type"),
        ({"sms": True}, "sms", "extra_forbidden"),
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused(company: Company, wrong: dict[str, Any], field: str, code: str) -> None:
    assert refused_field(await company.admin.http.put("/me/reminders", json=wrong)) == (field, code)
