"""Two people ask different things of one quote at the same moment: one succeeds, the other is told why not."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta

import httpx2
import pytest

from tests.e2e import invariants
from tests.e2e.desk import Json, read, settled
from tests.e2e.ledger import Answer, Ledger
from tests.e2e.quotes import do, kinds, link_of, move_to, sent_quote, write_quote
from tests.stack.people import People
from tests.stack.running_stack import RunningStack

ROUNDS = 4
MANY: list[Json] = [{"name": "A ship", "quantity": 1, "unit_price": 100_000_000}]


@pytest.fixture
async def manager(people: People) -> httpx2.AsyncClient:
    return await people.log_in("manager@globex.example")


@pytest.fixture
async def admin(people: People) -> httpx2.AsyncClient:
    return await people.log_in("admin@globex.example")


async def test_accepting_in_the_second_of_expiry(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ledger = Ledger()
    for _ in range(ROUNDS):
        quote = await sent_quote(agent, customer)
        link = await link_of(people, quote)
        await move_to(stack, quote, quote["valid_until"], timedelta(seconds=-1.5))
        by_account, by_link = await asyncio.gather(
            _keep_asking(ledger, customer, f"quotes/{quote['id']}/accept", "quote_"),
            _keep_asking(ledger, people.nobody, f"public/quotes/{link}/accept", "quote_"),
        )
        taken = [answer for answer in (*by_account, *by_link) if answer.done]
        await _over(agent, quote)
        told = [kind for kind in await kinds(agent, quote) if kind in ("accepted", "expired")]
        assert told == (["accepted"] if taken else ["expired"])
        assert len(taken) <= 1
        assert {answer.body["code"] for answer in (*by_account, *by_link) if answer.status == 409} <= {
            "quote_accepted",
            "quote_expired",
        }
    await invariants.check(stack, people, ledger)


async def test_accepting_against_another_version(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ledger = Ledger()
    for turn in range(ROUNDS):
        quote = await sent_quote(agent, customer)
        asks = [
            ledger.ask(customer, f"quotes/{quote['id']}/accept", {"name": "Client"}),
            ledger.ask(agent, f"quotes/{quote['id']}/new-version", {}),
        ]
        answers = await asyncio.gather(*(asks if turn % 2 else reversed(asks)))
        codes = await _codes(agent, answers)
        story = await kinds(agent, quote)
        assert ("accepted" in story) != ("superseded" in story)
        assert codes == [None, "quote_accepted" if "accepted" in story else "quote_superseded"]
        versions = (await read(agent, f"quotes/{quote['id']}/versions"))["items"]
        assert len(versions) == (1 if "accepted" in story else 2)
    await invariants.check(stack, people, ledger)


async def test_submitting_sending_and_replacing_twice(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ledger = Ledger()
    quote = await write_quote(agent, customer)
    for deed, code in (
        ("submit", "quote_not_draft"),
        ("send", "quote_not_approved"),
        ("new-version", "quote_superseded"),
    ):
        answers = await asyncio.gather(*(ledger.ask(agent, f"quotes/{quote['id']}/{deed}", {}) for _ in range(4)))
        assert await _codes(agent, answers) == [None, code, code, code]
    assert await kinds(agent, quote) == ["opened", "approved_within_limits", "sent", "superseded"]
    assert len((await read(agent, f"quotes/{quote['id']}/versions"))["items"]) == 2
    await invariants.check(stack, people, ledger)


async def test_two_approvers(
    stack: RunningStack,
    people: People,
    customer: httpx2.AsyncClient,
    agent: httpx2.AsyncClient,
    manager: httpx2.AsyncClient,
    admin: httpx2.AsyncClient,
) -> None:
    ledger = Ledger()
    for _ in range(ROUNDS):
        quote = await write_quote(agent, customer, lines=MANY)
        assert (await do(agent, quote, "submit"))["status"] == "pending_approval"
        [task] = (await read(manager, "reviews", status="pending", case_id=quote["id"]))["items"]
        answers = await asyncio.gather(
            ledger.ask(manager, f"reviews/{task['id']}/decision", {"decision": "approve"}),
            ledger.ask(admin, f"reviews/{task['id']}/decision", {"decision": "reject", "reason": "Too dear"}),
        )
        assert await _codes(manager, answers) == [None, "task_settled"]
        assert len(await kinds(agent, quote)) == 3
    await invariants.check(stack, people, ledger)


async def test_two_quotes_for_one_request(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    request = (await customer.post("quote-requests", json={"description": "Ten chairs"})).json()
    body = {"customer_id": request["customer_id"], "request_id": request["id"], "lines": MANY}
    ledger = Ledger()
    answers = await asyncio.gather(*(ledger.ask(agent, "quotes", body) for _ in range(3)))
    codes = await _codes(agent, answers)
    assert codes[0] is None
    assert set(codes[1:]) <= {"already_exists", "quote_request_settled"}
    await invariants.check(stack, people, ledger)
    assert (await read(agent, f"quote-requests/{request['id']}"))["status"] == "quoted"


async def _keep_asking(ledger: Ledger, who: httpx2.AsyncClient, path: str, refusal: str) -> list[Answer]:
    """Asks again and again until refused, and a little longer."""
    answers: list[Answer] = []
    for _ in range(12):
        answer = await ledger.ask(who, path, {"name": "Client"})
        answers.append(answer)
        if answer.status == 409:
            assert answer.body["code"].startswith(refusal)
            break
        await asyncio.sleep(0.25)
    return answers


async def _over(agent: httpx2.AsyncClient, quote: Json) -> None:
    for _ in range(100):
        if (await read(agent, f"quotes/{quote['id']}"))["status"] in ("accepted", "expired"):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("neither accepted nor expired")


async def _codes(person: httpx2.AsyncClient, answers: Iterable[Answer]) -> list[str | None]:
    """With what code each was refused, None for the one that was taken, which comes first."""
    return sorted([code async for code in _outcomes(person, answers)], key=lambda code: code or "")


async def _outcomes(person: httpx2.AsyncClient, answers: Iterable[Answer]) -> AsyncIterator[str | None]:
    for answer in answers:
        assert answer.status in (200, 201, 202, 409), answer
        if answer.status == 202:
            yield (await settled(person, answer.command_id))["code"]
        else:
            yield None if answer.done else answer.body["code"]
