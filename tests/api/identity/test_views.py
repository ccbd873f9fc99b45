"""Lists that people keep by a name."""

import asyncio

import pytest

from tests.api.house import Company, House, code_of

URGENT = {"page": "tickets", "name": "Urgent", "query": "priority=urgent&sort=due_at"}


async def test_each_has_their_own(company: Company) -> None:
    one, other = await company.member("agent"), await company.member("agent")
    kept = await one.http.post("/me/views", json=URGENT)
    assert kept.status_code == 201, kept.text
    assert (await one.http.get("/me/views")).json() == [kept.json()]
    assert (await other.http.get("/me/views")).json() == []
    assert (await other.http.delete(f"/me/views/{kept.json()['id']}")).status_code == 404
    assert code_of(await one.http.post("/me/views", json=URGENT)) == "name_taken"
    assert (await one.http.delete(f"/me/views/{kept.json()['id']}")).status_code == 204
    assert (await one.http.get("/me/views")).json() == []


@pytest.mark.parametrize(
    "query", ["cursor=x", "tenant_id=1", "q=a\nb", "priority=urgent&=1", "status=open&status=gone", "mine=gone"]
)
async def test_only_what_narrows_and_can_be_is_kept(company: Company, query: str) -> None:
    refused = await company.admin.http.post("/me/views", json=URGENT | {"query": query})
    assert refused.status_code == 422, refused.text


async def test_twenty_at_most_also_at_once(house: House, company: Company) -> None:
    one = await company.member("agent")
    asked = [one.http.post("/me/views", json=URGENT | {"name": f"View {number}"}) for number in range(25)]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [201] * 20 + [409] * 5
    assert {code_of(answer) for answer in answers if answer.status_code == 409} == {"too_many_views"}
