"""Finding by a few letters, asked of the API: what one may see, by numbers, words and names."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from api.find import finding
from domain.cases import CaseKind
from models.round_trips import run
from models.tickets import Ticket
from ops.embedded.postgres import Postgres
from tests.api.house import Company, House, Person


@pytest.fixture(scope="module")
async def client(company: Company) -> Person:
    return await company.register()


@pytest.fixture(scope="module")
async def subjects(company: Company, client: Person) -> list[str]:
    """Tickets, the oldest first, as their rows are."""
    subjects = ["The oven stays cold", "100% wool_rug", *(f"Lamp {n}" for n in range(12)), "Oven door"]
    of_all = {
        "tenant_id": UUID(company.admin.me["tenant"]["id"]),
        "customer_id": UUID(client.customer_id),
        "version": 1,
    }
    rows = [
        of_all | {"id": uuid7(), "requester_id": UUID(client.id), "number": f"TCK-20300101-{n:05}", "subject": subject}
        for n, subject in enumerate(subjects)
    ]
    async with company.house.database.transaction(of_all["tenant_id"]) as session:
        await session.execute(sa.insert(Ticket), rows)
    return subjects


async def found(person: Person, q: str) -> Any:
    answer = await person.http.get("/find", params={"q": q})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def titles(person: Person, q: str) -> list[str]:
    return [case["title"] for case in (await found(person, q))["cases"]]


@pytest.mark.parametrize("newest", [1_000, 1])
async def test_tickets_by_words_of_their_subjects(
    company: Company, subjects: list[str], monkeypatch: pytest.MonkeyPatch, newest: int
) -> None:
    monkeypatch.setattr(finding, "NEWEST", newest)
    assert set(await titles(company.admin, "oven")) == {"The oven stays cold", "Oven door"}
    assert await titles(company.admin, "cold oven") == ["The oven stays cold"]
    assert await titles(company.admin, "100% wool_") == ["100% wool_rug"]
    assert await titles(company.admin, "o_en") == []
    assert len(await titles(company.admin, "lamp")) == finding.MOST_OF_EACH


async def test_cases_by_the_beginning_of_their_number(company: Company, subjects: list[str]) -> None:
    cases = (await found(company.admin, "tck-20300101-0001"))["cases"]
    assert [case["number"] for case in cases] == [f"TCK-20300101-{n:05}" for n in range(14, 9, -1)]
    assert cases[0]["title"] == "Oven door"


async def test_customers_and_colleagues_by_name(company: Company, client: Person) -> None:
    customer = await company.customer(name="Étoile du Nord")
    answer = await found(company.admin, "toile")
    assert [each["id"] for each in answer["customers"]] == [customer["id"]]
    assert "Ada Admin" in [each["name"] for each in (await found(company.admin, "ada"))["people"]]
    assert client.id not in [each["id"] for each in (await found(company.admin, "carl"))["people"]]


async def test_only_what_the_asker_may_see(
    company: Company, other_company: Company, client: Person, subjects: list[str]
) -> None:
    mine, other, stranger = client, await company.register(), other_company.admin
    assert set(await titles(mine, "oven")) == {"The oven stays cold", "Oven door"}
    for person in (other, stranger):
        for q in ("oven", "TCK-20300101"):
            assert (await found(person, q))["cases"] == []
    nothing = await found(mine, "a")
    assert (nothing["customers"], nothing["people"]) == ([], [])
    assert (await found(stranger, "carl"))["customers"] == []


async def test_the_search_reads_by_its_indexes(house: House, migrated_postgres: Postgres) -> None:
    company = await house.tenant()
    client, tenant_id = await company.register(), UUID(company.admin.me["tenant"]["id"])
    given = {"tenant_id": tenant_id, "customer_id": UUID(client.customer_id), "requester_id": UUID(client.id)}
    async with house.database.transaction(tenant_id) as session:
        await session.execute(_MANY_TICKETS, given)
        await session.execute(_MANY_CUSTOMERS, {"tenant_id": tenant_id})
    with psycopg.connect(migrated_postgres.owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE ticket, customer")
    async with house.database.transaction(tenant_id) as session:
        for view, column in (("ticket", "subject"), ("customer", "name")):
            query = f"EXPLAIN SELECT id FROM {view}_found WHERE {column} ILIKE '%oven%' OFFSET 0"
            plan = "\n".join(await session.scalars(sa.text(query)))
            assert f"Bitmap Index Scan on ix_{view}_found" in plan
            # Looked up by the letters, not only by the tenant.
            assert f"({column})::text ~~* '%oven%'" in plan.partition("Index Cond:")[2]
        sql, given = finding._by_number(((CaseKind.TICKET, True),))(tenant_id=tenant_id, beginning="N-49")
        plan = "\n".join(row[0] for row in await run(session, (f"EXPLAIN {sql}", given)))
        assert "Index Scan Backward using uq_ticket_tenant_id_number" in plan
        assert "(number)::text >= 'N-49'" in plan


_MANY_TICKETS = sa.text("""
INSERT INTO ticket (id, tenant_id, version, number, subject, status, priority, customer_id, requester_id)
SELECT uuidv7(), :tenant_id, 1, 'N-' || n, md5(CAST(n AS text)), 'open', 'low', :customer_id, :requester_id
FROM generate_series(1, 5000) AS n
""")
_MANY_CUSTOMERS = sa.text("""
INSERT INTO customer (id, tenant_id, kind, name, status)
SELECT uuidv7(), :tenant_id, 'individual', md5(CAST(n AS text)), 'active' FROM generate_series(1, 5000) AS n
""")
