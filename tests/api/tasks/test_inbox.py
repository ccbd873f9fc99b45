"""Reading the inbox, and the decisions that the API refuses before any workflow is asked."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.cases import CaseKind, CommandStatus
from domain.tasks.rules import TaskKind, TaskStatus
from models.cases import CommandRow
from models.tasks import TaskRow
from tests.api.house import Company, House, Person, code_of


@pytest.fixture(scope="module")
async def reviewer(company: Company) -> Person:
    return await company.member("reviewer")


async def put(company: Company, **given: Any) -> TaskRow:
    """A row of the inbox, as a step would have left it."""
    row = TaskRow(
        **{
            "id": uuid7(),
            "tenant_id": UUID(company.admin.me["tenant"]["id"]),
            "case_kind": CaseKind.KYC,
            "case_id": uuid4(),
            "case_number": "KYC-20261120-00001",
            "kind": TaskKind.KYC_REVIEW,
            "title": "Review of the identity check KYC-20261120-00001",
            "role": "reviewer",
            "permission": "kyc:decide",
            "decisions": ["approve", "reject"],
            "approvals_needed": 1,
            "approvals": [],
            "excluded": [],
            "form": [],
            "moments": [],
            "opened_at": datetime.now(UTC),
            "due_at": datetime.now(UTC) + timedelta(hours=1),
        }
        | given
    )
    async with company.house.database.transaction(row.tenant_id) as session:
        session.add(row)
    return row


async def ids(person: Person, **query: Any) -> list[str]:
    answer = await person.http.get("/reviews", params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_the_inbox_is_filtered_and_read_page_by_page(house: House) -> None:
    company = await house.tenant()
    reviewer = await company.member("reviewer")
    now = datetime.now(UTC)
    late = await put(company, due_at=now - timedelta(days=1))
    hers = await put(company, assignee_id=UUID(reviewer.id), role="manager", due_at=now + timedelta(days=2))
    theirs = await put(company, assignee_id=UUID(company.admin.id), due_at=now + timedelta(days=3))
    quote = await put(company, kind=TaskKind.QUOTE_APPROVAL, role="manager", due_at=now + timedelta(days=4))
    over = await put(company, status=TaskStatus.CANCELLED, settled_at=now, due_at=now - timedelta(days=2))
    everything = [str(row.id) for row in (over, late, hers, theirs, quote)]

    assert await ids(reviewer) == everything
    assert await ids(reviewer, sort="-due_at") == everything[::-1]
    assert await ids(reviewer, status="pending") == everything[1:]
    assert await ids(reviewer, overdue=True) == [str(late.id)]
    assert await ids(reviewer, mine=True, status="pending") == [str(late.id), str(hers.id)]
    assert await ids(reviewer, mine=False) == [str(theirs.id), str(quote.id)]
    assert await ids(reviewer, kind="quote_approval") == [str(quote.id)]
    assert await ids(reviewer, role="manager", overdue=False) == [str(hers.id), str(quote.id)]

    first = (await reviewer.http.get("/reviews", params={"limit": 2, "count": True})).json()
    assert first["total"] == 5
    rest = await ids(reviewer, cursor=first["next_cursor"])
    assert [item["id"] for item in first["items"]] + rest == everything


async def test_a_task_says_what_it_is_and_which_decision_it_takes(company: Company, reviewer: Person) -> None:
    row = await put(company)
    seen = (await reviewer.http.get(f"/reviews/{row.id}")).json()
    assert seen["case"] == {"kind": "kyc", "id": str(row.case_id), "number": row.case_number}
    assert (seen["status"], seen["overdue"], seen["decided_at"]) == ("pending", False, None)
    assert seen["form"]["properties"]["decision"] == {"enum": ["approve", "reject"]}


async def test_what_the_rules_forbid_is_refused_with_a_code(company: Company, reviewer: Person) -> None:
    async def refused(row: TaskRow, deed: str, **body: Any) -> tuple[int, str]:
        answer = await reviewer.http.post(f"/reviews/{row.id}/{deed}", json=body or None)
        return answer.status_code, code_of(answer)

    over = await put(company, status=TaskStatus.DONE, settled_at=datetime.now(UTC))
    assert await refused(over, "claim") == (409, "task_settled")
    assert await refused(over, "decision", decision="approve") == (409, "task_settled")
    hers = await put(company, requested_by=UUID(reviewer.id))
    assert await refused(hers, "decision", decision="approve") == (409, "four_eyes")
    assert await refused(hers, "decision", decision="reject") == (422, "reason_required")
    assert await refused(hers, "decision", decision="done") == (422, "decision_invalid")
    free = await put(company)
    assert await refused(free, "decision", decision="approve", fields={"x": 1}) == (422, "field_invalid")
    about_nothing = {"decision": "approve", "fields": {"document_ids": [str(uuid4())]}}
    answer = await reviewer.http.post(f"/reviews/{free.id}/decision", json=about_nothing)
    assert [error["field"] for error in answer.json()["errors"]] == ["fields"]
    assert await refused(free, "decision", decision="approve", fields={"x": "\x00"}) == (422, "invalid")
    claimed = await put(company, assignee_id=UUID(company.admin.id))
    assert await refused(claimed, "claim") == (409, "task_claimed")
    assert await refused(claimed, "release") == (409, "task_not_claimed")


async def test_a_task_may_need_a_further_permission(company: Company) -> None:
    agent = await company.member("agent")
    row = await put(company)
    answer = await agent.http.post(f"/reviews/{row.id}/claim")
    assert (answer.status_code, code_of(answer)) == (403, "forbidden")


async def test_another_tenants_task_is_not_there(company: Company, other_company: Company) -> None:
    row = await put(other_company)
    for method, path in (("GET", ""), ("POST", "/claim"), ("POST", "/release")):
        answer = await company.admin.http.request(method, f"/reviews/{row.id}{path}")
        assert (answer.status_code, code_of(answer)) == (404, "not_found")


@pytest.mark.parametrize("leaving", ["away", "role", "removed", "permission"])
async def test_who_cannot_act_any_more_gives_the_tasks_back(house: House, leaving: str) -> None:
    company = await house.tenant()
    reviewer = await company.member("reviewer")
    row = await put(company, assignee_id=UUID(reviewer.id))
    kept = await put(company, assignee_id=UUID(company.admin.id))
    admin = company.admin.http
    match leaving:
        case "away":
            answer = await admin.patch(f"/users/{reviewer.id}", json={"away": True})
        case "role":
            answer = await admin.patch(f"/users/{reviewer.id}", json={"roles": ["agent"]})
        case "removed":
            answer = await admin.delete(f"/users/{reviewer.id}")
        case _:
            roles = (await admin.get("/roles")).json()["items"]
            role = next(role for role in roles if role["key"] == "reviewer")
            left = [permission for permission in role["permissions"] if permission != "kyc:decide"]
            answer = await admin.put(f"/roles/{role['id']}", json={"name": "Reviewer", "permissions": left})
    assert answer.status_code in (200, 204), answer.text

    async with house.database.transaction(row.tenant_id) as session:
        pending = (
            await session.scalars(sa.select(CommandRow).where(col(CommandRow.status) == CommandStatus.PENDING))
        ).all()
    assert [(command.kind, command.case_id) for command in pending] == [("kyc.release_task", row.case_id)]
    assert pending[0].arguments == {"task_id": str(row.id), "on_behalf_of": reviewer.id}
    assert kept.assignee_id == UUID(company.admin.id)
