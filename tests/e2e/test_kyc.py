"""Identity checks on the running stack: races, who may fetch documents, and what the audit records."""

import asyncio

import httpx2
import pytest

from tests.e2e import invariants, kyc_desk
from tests.e2e.desk import assert_problem, new_key, read
from tests.stack.people import People
from tests.stack.running_stack import RunningStack


@pytest.fixture
async def admin(people: People) -> httpx2.AsyncClient:
    return await people.log_in("admin@globex.example")


@pytest.fixture
async def reviewers(people: People) -> list[httpx2.AsyncClient]:
    return [await people.log_in(f"{name}@globex.example") for name in ("reviewer", "reviewer2", "manager")]


async def test_of_several_who_decide_at_once_one_wins(
    stack: RunningStack, people: People, admin: httpx2.AsyncClient, reviewers: list[httpx2.AsyncClient]
) -> None:
    for _ in range(3):
        review = await kyc_desk.submitted(admin)
        path = f"reviews/{review['id']}/decision"
        decisions = ({"decision": "approve"}, {"decision": "reject", "reason": "No"}, {"decision": "approve"})
        answers = await asyncio.gather(
            *(person.post(path, json=body) for person, body in zip(reviewers, decisions, strict=True))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409], [answer.text for answer in answers]
        for answer in answers:
            if answer.status_code == 409:
                assert_problem(answer, 409, "task_settled")
        done = await read(admin, f"reviews/{review['id']}")
        winner = next(answer.json() for answer in answers if answer.status_code == 200)
        assert (done["decision"], done["decided_by"]) == (winner["decision"], winner["decided_by"])
    await invariants.check(stack, people)


async def test_a_review_that_takes_two_takes_them_one_after_the_other(
    admin: httpx2.AsyncClient, reviewers: list[httpx2.AsyncClient]
) -> None:
    review = await kyc_desk.submitted(admin, country="IR")
    path = f"reviews/{review['id']}/decision"
    answers = await asyncio.gather(*(person.post(path, json={"decision": "approve"}) for person in reviewers))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 409]
    assert len((await read(admin, f"reviews/{review['id']}"))["approvals"]) == 2


async def test_of_two_submissions_one_opens_the_review(admin: httpx2.AsyncClient) -> None:
    customer_id = (await kyc_desk.new_customer(admin))["id"]
    for document in ("passport", "proof_of_address"):
        await kyc_desk.hand_in(admin, customer_id, document)
    path = f"customers/{customer_id}/kyc/submit"
    answers = await asyncio.gather(*(admin.post(path, headers={"Idempotency-Key": new_key()}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            assert_problem(answer, 409, "kyc_under_review")
    key = {"Idempotency-Key": new_key()}
    other_id = (await kyc_desk.new_customer(admin))["id"]
    lacking = [await admin.post(f"customers/{other_id}/kyc/submit", headers=key) for _ in range(2)]
    for answer in lacking:
        assert_problem(answer, 409, "documents_missing", field="identity")


async def test_of_two_documents_of_a_type_one_is_taken(admin: httpx2.AsyncClient) -> None:
    customer_id = (await kyc_desk.new_customer(admin))["id"]
    files = [
        (await admin.post("files", files={"file": ("a.pdf", kyc_desk.PDF, "application/pdf")})).json()["id"]
        for _ in range(2)
    ]
    answers = await asyncio.gather(
        *(
            admin.post(f"customers/{customer_id}/kyc/documents", json={"type": "passport", "file_id": file})
            for file in files
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    lost = next(place for place, answer in enumerate(answers) if answer.status_code == 409)
    assert_problem(answers[lost], 409, "document_pending")
    # The refused one is free again for another document.
    body = {"type": "national_id", "file_id": files[lost]}
    again = await admin.post(f"customers/{customer_id}/kyc/documents", json=body)
    assert again.status_code == 201, again.text


async def test_documents_are_fetched_where_every_access_is_recorded(
    people: People, admin: httpx2.AsyncClient, reviewers: list[httpx2.AsyncClient]
) -> None:
    review = await kyc_desk.submitted(admin)
    customer_id = review["case"]["id"]
    [passport, _] = (await read(admin, f"customers/{customer_id}/kyc"))["documents"]
    path = f"customers/{customer_id}/kyc/documents/{passport['id']}/download"
    fetched = await reviewers[0].get(path)
    assert (fetched.status_code, fetched.content) == (200, kyc_desk.PDF)
    assert fetched.headers["content-disposition"].startswith("attachment")
    assert_problem(await admin.get(f"files/{passport['files'][0]['id']}"), 404)
    customer = await people.log_in("client@globex.example")
    assert_problem(await customer.get(path), 404)
    entries = (await read(admin, "audit", entity=f"kyc_document/{passport['id']}"))["items"]
    assert {entry["action"] for entry in entries} == {"kyc_document.handed_in", "kyc_document.downloaded"}
