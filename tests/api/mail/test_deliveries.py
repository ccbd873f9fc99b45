"""Staff see what became of a case's messages, and have one sent again."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.cases import PUT_OFF, CaseKind, DeliveryStatus
from models.cases import DeliveryRow
from tests.api.house import Company, Person, code_of

PENDING, SENDING, SENT, FAILED, BOUNCED = DeliveryStatus


@pytest.fixture(scope="module")
async def agent(company: Company) -> Person:
    return await company.member("agent")


async def _owe(company: Company, status: DeliveryStatus, **given: Any) -> DeliveryRow:
    """A message to the company's administrator."""
    row = DeliveryRow(
        **{
            "tenant_id": UUID(company.admin.me["tenant"]["id"]),
            "step_id": uuid7(),
            "case_kind": CaseKind.TICKET,
            "case_id": uuid7(),
            "channel": "email",
            "template": "ticket_answered",
            "recipient_id": UUID(company.admin.id),
            "context": {"number": "TCK-1", "subject": "Confidential"},
            "status": status,
            "attempts": 0 if status is PENDING else 1,
            "correlation_id": "test",
            "due_at": datetime.now(UTC),
        }
        | given
    )
    async with company.house.database.transaction(row.tenant_id) as session:
        session.add(row)
    return row


async def _row(company: Company, row: DeliveryRow) -> DeliveryRow:
    async with company.house.database.transaction(row.tenant_id) as session:
        return await session.get_one(DeliveryRow, row.id)


async def test_the_list_says_what_became_of_each_message_and_not_its_words(company: Company, agent: Person) -> None:
    case_id = uuid7()
    now = datetime.now(UTC)
    states: list[tuple[DeliveryStatus, str | None]] = [
        *[(PENDING, None), (SENDING, None), (SENDING, PUT_OFF), (SENT, None), (FAILED, "recipient_refused")]
    ]
    owed = [
        await _owe(company, status, error_code=code, case_id=case_id, created_at=now - timedelta(minutes=number))
        for number, (status, code) in enumerate(states)
    ]
    await _owe(company, FAILED, error_code="recipient_refused")

    about_the_case = {"case_id": str(case_id)}
    answer = await agent.http.get("/deliveries", params=about_the_case | {"count": True})
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert answer.json()["total"] == 5
    assert [item["id"] for item in items] == [str(row.id) for row in owed]
    statuses = [item["status"] for item in items]
    assert statuses == ["pending", "sending", "deferred", "sent", "failed"]
    assert "Confidential" not in answer.text
    for row, status in zip(owed, statuses, strict=True):
        found = await agent.http.get("/deliveries", params=about_the_case | {"status": status})
        assert [item["id"] for item in found.json()["items"]] == [str(row.id)]
        assert (await agent.http.get(f"/deliveries/{row.id}")).json()["status"] == status
    to_others = await agent.http.get("/deliveries", params=about_the_case | {"recipient_id": agent.id})
    assert to_others.json()["items"] == []
    seen, cursor = [], None
    while True:
        page = {"limit": 2, "sort": "created_at"} | ({"cursor": cursor} if cursor else {})
        part = (await agent.http.get("/deliveries", params=about_the_case | page)).json()
        seen += [item["id"] for item in part["items"]]
        if (cursor := part["next_cursor"]) is None:
            break
    assert seen == [str(row.id) for row in reversed(owed)]
    assert (await agent.http.get("/deliveries", params={"status": "lost"})).status_code == 422


async def test_a_message_that_failed_or_is_put_off_is_wanted_again_and_the_audit_says_by_whom(
    company: Company, agent: Person
) -> None:
    for status, code, was in ((FAILED, "message_refused", "failed"), (SENDING, PUT_OFF, "deferred")):
        row = await _owe(company, status, error_code=code, attempts=3, message_id="<same@here>")
        answer = await agent.http.post(f"/deliveries/{row.id}/retry")
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert (told["id"], told["status"], told["attempts"], told["error_code"]) == (str(row.id), "pending", 3, None)
        assert told["message_id"] == "<same@here>"
        entries = await company.admin.http.get("/audit", params={"entity": f"delivery/{row.id}"})
        [entry] = entries.json()["items"]
        assert (entry["action"], entry["actor_id"]) == ("delivery.retried", agent.id)
        assert entry["detail"] == {"was": was, "error_code": code}


async def test_a_key_makes_one_wish_of_two(company: Company, agent: Person) -> None:
    row = await _owe(company, FAILED, error_code="message_refused")
    key = {"Idempotency-Key": str(uuid4())}
    first = await agent.http.post(f"/deliveries/{row.id}/retry", headers=key)
    assert first.status_code == 200, first.text
    async with company.house.database.transaction(row.tenant_id) as session:
        failed_again = sa.update(DeliveryRow).where(col(DeliveryRow.id) == row.id).values(status=FAILED)
        await session.execute(failed_again)
    again = await agent.http.post(f"/deliveries/{row.id}/retry", headers=key)
    assert (again.status_code, again.json()["status"]) == (200, "failed")
    assert (await _row(company, row)).status is FAILED
    entries = await company.admin.http.get("/audit", params={"entity": f"delivery/{row.id}"})
    assert len(entries.json()["items"]) == 1


@pytest.mark.parametrize(
    ("status", "attempts", "code"),
    [
        (SENT, 1, "delivery_sent"),
        (SENDING, 1, "delivery_under_way"),
        (PENDING, 0, "delivery_under_way"),
        (PENDING, 2, "delivery_under_way"),
    ],
)
async def test_what_is_sent_or_under_way_is_not_sent_again(
    company: Company, agent: Person, status: DeliveryStatus, attempts: int, code: str
) -> None:
    row = await _owe(company, status, attempts=attempts)
    answer = await agent.http.post(f"/deliveries/{row.id}/retry")
    assert (answer.status_code, code_of(answer)) == (409, code)
    after = await _row(company, row)
    assert (after.status, after.attempts) == (status, attempts)


async def test_nobody_else_sees_or_sends_it(company: Company, other_company: Company, agent: Person) -> None:
    row = await _owe(company, FAILED, error_code="message_refused")
    foreign = await other_company.member("agent")
    for answer in (
        await foreign.http.get(f"/deliveries/{row.id}"),
        await foreign.http.post(f"/deliveries/{row.id}/retry"),
        await agent.http.post(f"/deliveries/{uuid7()}/retry"),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert (await foreign.http.get("/deliveries")).json()["items"] == []
    client = await company.register()
    for answer in (
        await client.http.get("/deliveries"),
        await client.http.get(f"/deliveries/{row.id}"),
        await client.http.post(f"/deliveries/{row.id}/retry"),
    ):
        assert (answer.status_code, code_of(answer)) == (403, "forbidden")
    assert (await _row(company, row)).status is FAILED


async def test_mail_about_an_account_is_its_owners_affair(company: Company, agent: Person) -> None:
    row = await _owe(company, FAILED, case_kind=None, case_id=None, template="password_changed")
    found = await agent.http.get("/deliveries", params={"recipient_id": company.admin.id, "limit": 200})
    assert str(row.id) not in {item["id"] for item in found.json()["items"]}
    assert (await agent.http.get(f"/deliveries/{row.id}")).status_code == 404
    assert (await agent.http.post(f"/deliveries/{row.id}/retry")).status_code == 404
