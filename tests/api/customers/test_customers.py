"""Customers, from pending to ended."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col

from models.cases import CommandRow
from models.tickets import Ticket
from tests.api.house import Company, House, code_of


async def suspend(company: Company, customer_id: str) -> None:
    answer = await company.admin.http.post(f"/customers/{customer_id}/suspend", json={"reason": "Unpaid"})
    assert answer.status_code == 200, answer.text


async def make_ticket(house: House, company: Company, customer_id: str, **values: Any) -> Ticket:
    """A ticket as its workflow would have left it."""
    tenant_id = company.admin.me["tenant"]["id"]
    ticket = Ticket(
        tenant_id=tenant_id,
        subject="s",
        version=1,
        number=f"TCK-{uuid4()}"[:32],
        customer_id=customer_id,
        requester_id=company.admin.id,
        **values,
    )
    async with house.database.transaction(tenant_id) as session:
        session.add(ticket)
    return ticket


async def test_a_company_is_made_read_changed_and_found(house: House) -> None:
    company = await house.tenant()
    made = await company.customer(
        type="corporate",
        name=None,
        company_name="Sahara Lines",
        tax_id="NIF 000016001234567",
        email="Desk@Sahara.example",
        phone="+213 21 00 00 00",
        address="1 rue Didouche\nAlger",
        country="DZ",
    )
    assert (made["status"], made["kyc_status"], made["type"]) == ("pending", "none", "corporate")
    assert (made["name"], made["email"]) == ("Sahara Lines", "desk@sahara.example")
    path = f"/customers/{made['id']}"
    changed = (await company.admin.http.patch(path, json={"phone": None, "name": "Sahara"})).json()
    assert (changed["phone"], changed["name"], changed["tax_id"]) == (None, "Sahara", made["tax_id"])
    assert changed["updated_at"] > made["updated_at"]
    assert (await company.admin.http.get(path)).json() == changed

    person = await company.customer(name="100% Person")
    for query, expected in (
        ({"q": "sahara"}, made),
        ({"q": "0000160"}, made),
        ({"q": "100%"}, person),
        ({"type": "corporate"}, made),
        ({"type": "individual", "status": "pending"}, person),
    ):
        items = (await company.admin.http.get("/customers", params=query)).json()["items"]
        assert [item["id"] for item in items] == [expected["id"]], query
    assert (await company.admin.http.get("/customers", params={"status": "active"})).json()["items"] == []


async def test_lists_in_pages(house: House) -> None:
    company = await house.tenant()
    made = [(await company.customer(name=f"Number {n}"))["id"] for n in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 2, "sort": "name"} | ({"cursor": cursor} if cursor else {})
        page = (await company.admin.http.get("/customers", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == made


async def test_nobody_is_activated_before_the_identity_is_approved(company: Company) -> None:
    customer = await company.customer()
    path = f"/customers/{customer['id']}"
    refused = await company.admin.http.post(f"{path}/activate")
    assert (refused.status_code, code_of(refused)) == (409, "kyc_incomplete")

    await company.approve_kyc(customer["id"])
    assert (await company.admin.http.post(f"{path}/activate")).json()["status"] == "active"
    again = await company.admin.http.post(f"{path}/activate")
    assert (again.status_code, code_of(again)) == (409, "customer_transition")


async def test_the_same_key_activates_once_and_is_for_this_route_only(company: Company) -> None:
    customer = await company.customer()
    await company.approve_kyc(customer["id"])
    key = {"Idempotency-Key": str(uuid4())}
    path = f"/customers/{customer['id']}/activate"
    answers = await asyncio.gather(*(company.admin.http.post(path, headers=key) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    other = await company.admin.http.post(f"/customers/{customer['id']}/suspend", json={"reason": "r"}, headers=key)
    assert (other.status_code, other.json()["status"]) == (200, "suspended")


async def test_who_speaks_for_a_suspended_customer_reads_and_changes_nothing(company: Company) -> None:
    client = await company.register()
    await suspend(company, client.customer_id)

    assert (await client.http.get("/tickets")).status_code == 200
    seen = (await client.http.get(f"/customers/{client.customer_id}")).json()
    assert (seen["status"], seen["suspended_reason"]) == ("suspended", "Unpaid")
    refused = await client.http.post("/tickets", json={"subject": "s", "body": "b"})
    assert (refused.status_code, code_of(refused)) == (403, "customer_suspended")
    # The own account stays one's own.
    assert (await client.http.patch("/me", json={"full_name": "Still me"})).status_code == 200

    await company.approve_kyc(client.customer_id)
    back = (await company.admin.http.post(f"/customers/{client.customer_id}/activate")).json()
    assert (back["status"], back["suspended_at"], back["suspended_reason"]) == ("active", None, None)
    assert (await client.http.post("/tickets", json={"subject": "s", "body": "b"})).status_code in (201, 202)


async def test_an_ended_customer_stays_readable_and_can_come_back(company: Company) -> None:
    client = await company.register()
    path = f"/customers/{client.customer_id}"
    assert (await company.admin.http.delete(path)).status_code == 204
    assert (await company.admin.http.delete(path)).status_code == 204
    assert (await company.admin.http.get(path)).json()["status"] == "inactive"
    refused = await client.http.post("/tickets", json={"subject": "s", "body": "b"})
    assert (refused.status_code, code_of(refused)) == (403, "customer_inactive")
    suspended = await company.admin.http.post(f"{path}/suspend", json={"reason": "r"})
    assert (suspended.status_code, code_of(suspended)) == (409, "customer_transition")
    await company.approve_kyc(client.customer_id)
    assert (await company.admin.http.post(f"{path}/activate")).json()["status"] == "active"


async def test_a_client_sees_its_own_customer_only(company: Company, other_company: Company) -> None:
    client, other = await company.register(), await company.register()
    foreign = await other_company.customer()

    listed = (await client.http.get("/customers", params={"count": True})).json()
    assert ([item["id"] for item in listed["items"]], listed["total"]) == ([client.customer_id], 1)
    for customer_id in (other.customer_id, foreign["id"], str(uuid4())):
        for path in (f"/customers/{customer_id}", f"/customers/{customer_id}/statistics"):
            assert (await client.http.get(path)).status_code == 404
    for answer in (
        await client.http.patch(f"/customers/{client.customer_id}", json={"name": "x"}),
        await client.http.post(f"/customers/{client.customer_id}/activate"),
        await client.http.get("/customers/statistics"),
        await client.http.post("/customers", json={"type": "individual", "name": "x"}),
    ):
        assert answer.status_code == 403
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/activate")):
        body = {"json": {}} if method == "PATCH" else {}
        answer = await company.admin.http.request(method, f"/customers/{foreign['id']}{path}", **body)
        assert answer.status_code == 404, (method, path)


async def test_statistics_count_what_there_is(house: House) -> None:
    company = await house.tenant()
    client = await company.register()
    await company.customer()
    now = sa.func.now()
    await make_ticket(house, company, client.customer_id)
    await make_ticket(house, company, client.customer_id, status="closed", priority="urgent")
    await make_ticket(house, company, client.customer_id, first_response_breached_at=now)

    counted = (await client.http.get(f"/customers/{client.customer_id}/statistics")).json()
    assert counted["users"] == 1
    assert (counted["tickets"]["total"], counted["tickets"]["open"], counted["tickets"]["breached"]) == (3, 2, 1)
    assert counted["tickets"]["by_status"]["open"] == 2
    assert counted["tickets"]["by_status"]["on_hold"] == 0
    assert counted["tickets"]["by_priority"]["urgent"] == 1
    everybody = (await company.admin.http.get("/customers/statistics")).json()
    assert (everybody["total"], everybody["by_status"]["pending"], everybody["by_type"]["individual"]) == (2, 2, 2)


async def test_another_service_level_reaches_the_open_tickets(house: House, company: Company) -> None:
    client = await company.register()
    calendar = {"name": f"Always {uuid4()}", "timezone": "UTC", "always_open": True}
    calendar_id = (await company.admin.http.post("/calendars", json=calendar)).json()["id"]
    targets = {
        priority: {"first_response_minutes": 60, "resolution_minutes": 600}
        for priority in ("low", "medium", "high", "urgent")
    }
    policy = {"name": f"Gold {uuid4()}", "calendar_id": calendar_id, "targets": targets}
    policy_id = (await company.admin.http.post("/sla-policies", json=policy)).json()["id"]
    opened = await make_ticket(house, company, client.customer_id)
    await make_ticket(house, company, client.customer_id, status="closed")

    path = f"/customers/{client.customer_id}"
    changed = await company.admin.http.patch(path, json={"sla_policy_id": policy_id})
    assert changed.json()["sla_policy_id"] == policy_id
    await company.admin.http.patch(path, json={"sla_policy_id": policy_id, "name": "Same policy"})

    async with house.database.transaction(company.admin.me["tenant"]["id"]) as session:
        query = sa.select(CommandRow).where(col(CommandRow.kind) == "ticket.refresh_service_level")
        commands = list(await session.scalars(query))
    assert [command.case_id for command in commands] == [opened.id]
    unknown = await company.admin.http.patch(path, json={"sla_policy_id": str(uuid4())})
    assert (unknown.status_code, code_of(unknown)) == (422, "unknown")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "individual"},
        {"type": "corporate", "name": "No company name"},
        {"type": "household", "name": "x"},
        {"type": "individual", "name": "x", "email": "no address"},
        {"type": "individual", "name": "x", "phone": "call me"},
        {"type": "individual", "name": "x", "country": "Algeria"},
        {"type": "individual", "name": "x\x00"},
        {"type": "individual", "name": "x" * 201},
        {"type": "individual", "name": "x", "status": "active"},
        {"type": "individual", "name": "x", "kyc_status": "approved"},
        {"type": "individual", "name": "x", "sla_policy_id": "not-an-id"},
    ],
)
async def test_refuses_what_is_no_customer(company: Company, body: dict[str, object]) -> None:
    answer = await company.admin.http.post("/customers", json=body)
    assert (answer.status_code, code_of(answer)) == (422, "invalid")


async def test_a_customer_keeps_a_name(company: Company) -> None:
    customer = await company.customer(type="corporate", company_name="Firm", name="Firm")
    for field in ("name", "company_name"):
        answer = await company.admin.http.patch(f"/customers/{customer['id']}", json={field: None})
        assert (answer.status_code, code_of(answer)) == (422, "missing")
