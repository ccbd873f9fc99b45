"""How many tickets there are in the views that somebody keeps: as many as in the list that each leads to."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from domain.people.accounts import ListPage
from domain.tickets.rules import TicketPriority, TicketStatus
from models.tickets import Ticket
from models.views import KeptView
from tests.api.house import Company, Person

NOT_CLOSED = [status for status in TicketStatus if status != TicketStatus.CLOSED]
QUERIES = (
    "",
    "mine=true",
    "breached=true",
    "breached=false&status=open",
    "unassigned=true",
    "unassigned=false&priority=urgent&priority=low",
    "status=closed",
    "q=oven",
    "q=oven&status=on_hold",
    "q=100%25",
    "sort=due_at",
    "sort=due_at&mine=true&mine=false",
)


async def kept(person: Person, *queries: str) -> dict[str, str]:
    """The queries by the ids of the views that keep them."""
    ids = {}
    for query in queries:
        view = {"page": "tickets", "name": uuid4().hex, "query": query}
        answer = await person.http.post("/me/views", json=view)
        assert answer.status_code == 201, answer.text
        ids[answer.json()["id"]] = query
    return ids


async def kept_before(person: Person, query: str) -> str:
    """The id of a view that names a value which there was when it was kept."""
    tenant_id = UUID(person.me["tenant"]["id"])
    row = KeptView(
        id=uuid7(),
        tenant_id=tenant_id,
        account_id=UUID(person.id),
        page=ListPage.TICKETS,
        name=uuid4().hex,
        query=query,
    )
    async with person.house.database.transaction(tenant_id) as session:
        session.add(row)
    return str(row.id)


async def counts(person: Person) -> dict[str, dict[str, Any]]:
    answer = await person.http.get("/me/views/counts")
    assert answer.status_code == 200, answer.text
    assert [each["id"] for each in answer.json()] == [
        each["id"] for each in (await person.http.get("/me/views")).json()
    ]
    return {each["id"]: each for each in answer.json()}


async def listed(person: Person, query: str) -> int:
    """How long the list is to which the view leads."""
    said = parse_qs(query)
    if said.pop("mine", ["false"])[-1] == "true":
        said["assignee_id"] = [person.id]
    if "q" not in said:
        said.setdefault("status", [*NOT_CLOSED])
    answer = await person.http.get("/tickets", params={**said, "count": "true", "limit": "1"})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["total"])


async def write_tickets(company: Company, customer: Person, agent: Person, many: int = 90) -> None:
    """Tickets of all states, priorities and hands, some of them late, some with something due."""
    tenant_id = UUID(company.admin.me["tenant"]["id"])
    states, priorities = list(TicketStatus), list(TicketPriority)
    rows = [
        {
            "id": uuid7(),
            "tenant_id": tenant_id,
            "version": 1,
            "number": f"N-{uuid4().hex[:20]}",
            "subject": ("The oven", "100% wool", "A lamp")[n % 3],
            "customer_id": UUID(customer.customer_id),
            "requester_id": UUID(customer.id),
            "status": states[n % len(states)],
            "priority": priorities[n % len(priorities)],
            "assignee_id": UUID(agent.id) if n % 2 else None,
            "resolution_due_at": sa.func.now() if n % 5 else None,
            "resolution_breached_at": sa.func.now() if n % 4 == 0 else None,
        }
        for n in range(many)
    ]
    async with company.house.database.transaction(tenant_id) as session:
        for row in rows:
            await session.execute(sa.insert(Ticket).values(row))


@pytest.fixture(scope="module")
async def customer(company: Company) -> Person:
    return await company.register()


@pytest.fixture(scope="module")
async def agent(company: Company, customer: Person) -> Person:
    agent = await company.member("agent")
    await write_tickets(company, customer, agent)
    return agent


@pytest.fixture(scope="module")
async def other_customer(company: Company, agent: Person) -> Person:
    other = await company.register()
    await write_tickets(company, other, agent, 20)
    return other


async def agree(person: Person, views: Mapping[str, str]) -> list[int]:
    found = await counts(person)
    totals = [await listed(person, query) for query in views.values()]
    assert [found[view_id]["total"] for view_id in views] == totals
    assert not any(found[view_id]["stale"] for view_id in views)
    return totals


async def test_they_are_as_many_as_the_list_has(agent: Person, other_customer: Person) -> None:
    views = await kept(agent, *QUERIES)
    assert min(await agree(agent, views)) > 0
    for view_id in views:
        await agent.http.delete(f"/me/views/{view_id}")
    assert not views.keys() & (await counts(agent)).keys()


async def test_everybody_has_their_own_and_sees_no_more_than_their_list(
    company: Company, other_company: Company, agent: Person, customer: Person, other_customer: Person
) -> None:
    [of_all] = await kept(agent, "")
    [of_customer] = await kept(customer, "")
    [of_other] = await kept(other_customer, "")
    [of_stranger] = await kept(other_company.admin, "")
    whose = {of_all: agent, of_customer: customer, of_other: other_customer, of_stranger: other_company.admin}
    totals = []
    for view_id, person in whose.items():
        assert list(await counts(person)) == [view_id]
        totals += await agree(person, {view_id: ""})
    assert totals[0] == totals[1] + totals[2]
    assert totals[3] == 0


async def test_one_that_names_what_is_gone_is_stale(company: Company) -> None:
    admin = company.admin
    group = (await admin.http.post("/groups", json={"name": uuid4().hex})).json()["id"]
    colleague = await company.member("agent")
    [of_group] = await kept(admin, f"group_id={group}&sort=due_at")
    [of_person] = await kept(admin, f"assignee_id={colleague.id}")
    found = await counts(admin)
    assert [(found[view]["total"], found[view]["stale"]) for view in (of_group, of_person)] == [(0, False)] * 2
    assert (await admin.http.delete(f"/groups/{group}")).status_code == 204
    assert (await admin.http.delete(f"/users/{colleague.id}")).status_code == 204
    of_nothing = await kept_before(admin, "status=gone")
    [of_all] = await kept(admin, "")
    found = await counts(admin)
    assert [(found[view]["total"], found[view]["stale"]) for view in (of_group, of_person, of_nothing)] == [
        (0, True),
        (0, True),
        (None, True),
    ]
    assert (found[of_all]["total"], found[of_all]["stale"]) == (await listed(admin, ""), False)


async def test_totals_end_at_ten_thousand(other_company: Company) -> None:
    company, client = other_company, await other_company.register()
    given = {
        "tenant_id": UUID(company.admin.me["tenant"]["id"]),
        "customer_id": UUID(client.customer_id),
        "requester_id": UUID(client.id),
    }
    [all_of_them] = await kept(client, "q=one")
    async with company.house.database.transaction(given["tenant_id"]) as session:
        await session.execute(_MANY, given | {"from_n": 1, "to_n": 9_999})
    assert (await counts(client))[all_of_them]["total"] == 9_999
    async with company.house.database.transaction(given["tenant_id"]) as session:
        await session.execute(_MANY, given | {"from_n": 10_000, "to_n": 10_010})
    assert (await counts(client))[all_of_them]["total"] == 10_000


_MANY = sa.text("""
INSERT INTO ticket (id, tenant_id, version, number, subject, status, priority, customer_id, requester_id)
SELECT uuidv7(), :tenant_id, 1, 'N-' || n, 'One of many', 'closed', 'low', :customer_id, :requester_id
FROM generate_series(CAST(:from_n AS int), CAST(:to_n AS int)) AS n
""")
