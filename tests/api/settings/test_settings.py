"""What a tenant sets of its papers, tickets and quotes."""

from typing import Any
from uuid import UUID

import pytest

from models.tickets import TicketCategory
from tests.api.house import Company, House, code_of


async def test_what_is_set_is_kept_and_the_rest_has_its_default(house: House) -> None:
    admin = (await house.tenant()).admin.http
    before = (await admin.get("/settings")).json()
    assert before["company"]["name"].startswith("The ")
    assert before["quotes"]["valid_days"] == 30

    change = {
        "company": {"address": "12 rue Didouche Mourad\nAlger", "nif": "001216098765432"},
        "tickets": {"remind_after_days": [5, 1, 5]},
        "quotes": {"approval_total": None, "valid_days": 15},
        "invoices": {"dunning_days": [10, 3], "iban": "FR76 3000 6000 0112 3456 7890 189", "bic": "AGRIFRPP"},
        "kyc": {"grace_days": 0, "listed_countries": ["KP", "IR"]},
        "bookings": {"follow_up_hours": None, "no_show_minutes": 0, "remind_hours_before": [1, 48, 1]},
    }
    after = (await admin.patch("/settings", json=change)).json()

    assert after == (await admin.get("/settings")).json()
    assert after["company"] == before["company"] | change["company"]
    assert after["tickets"] == before["tickets"] | {"remind_after_days": [1, 5]}
    assert after["quotes"] == before["quotes"] | change["quotes"]
    changed = {"dunning_days": [3, 10], "iban": "FR7630006000011234567890189", "bic": "AGRIFRPP"}
    assert after["invoices"] == before["invoices"] | changed
    assert after["kyc"] == before["kyc"] | change["kyc"]
    assert after["bookings"] == before["bookings"] | change["bookings"] | {"remind_hours_before": [48, 1]}
    recorded = (await admin.get("/audit?action=settings.changed")).json()["items"]
    assert recorded[0]["detail"]["quotes"]["after"]["valid_days"] == 15


@pytest.mark.parametrize(
    "change",
    [
        {"quotes": {"valid_days": 0}},
        {"quotes": {"valid_days": None}},
        {"quotes": {"tax_rate_bp": 10_001}},
        {"quotes": {"currency": "EUR"}},
        {"tickets": {"remind_after_days": [1, 2, 3, 4, 5, 6]}},
        {"kyc": {"listed_countries": ["Iran"]}},
        {"company": {"address": "x" * 501}},
        {"invoices": {"dunning_days": [0]}},
        {"invoices": {"iban": "FR7630006000011234567890188"}},
        {"invoices": {"bic": "none"}},
        {"bookings": {"hold_minutes": 0}},
        {"bookings": {"hold_minutes": 121}},
        {"bookings": {"hold_minutes": None}},
        {"bookings": {"no_show_minutes": 241}},
        {"bookings": {"follow_up_hours": 337}},
        {"bookings": {"remind_hours_before": [337]}},
        {"bookings": {"remind_hours_before": [1, 2, 3, 4, 5, 6]}},
        {"shipping": {}},
    ],
)
async def test_what_cannot_be_is_refused(company: Company, change: dict[str, Any]) -> None:
    answer = await company.admin.http.patch("/settings", json=change)
    assert (answer.status_code, code_of(answer)) == (422, "invalid")


async def test_settings_are_changed_while_people_are_at_work(house: House, company: Company) -> None:
    """A row that is being written holds its tenant's row, as everything does that refers to it."""
    tenant_id = UUID(company.admin.me["tenant"]["id"])
    async with house.database.transaction(tenant_id) as session:
        session.add(TicketCategory(tenant_id=tenant_id, name="Being written"))
        await session.flush()
        answer = await company.admin.http.patch("/settings", json={"quotes": {"valid_days": 20}})
    assert answer.status_code == 200, answer.text
