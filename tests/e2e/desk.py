"""Steps of the tests about tickets: opening them, reading them and their mail."""

import re
import uuid
from typing import Any

import httpx2

from tests.stack.people import People
from tests.stack.waiting import eventually

Json = dict[str, Any]

_TOKEN = re.compile(r"\?token=(eyJ[\w.-]+)")


async def open_ticket(customer: httpx2.AsyncClient, **given: Any) -> Json:
    """A new ticket, as the API answers it."""
    answer = await customer.post("tickets", json={"subject": "The printer is on fire", "body": "Help!", **given})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def do(person: httpx2.AsyncClient, ticket: Json, deed: str, **body: Any) -> Json:
    """A command on a ticket that must be taken: `do(agent, ticket, "status", status="resolved")`."""
    answer = await person.post(f"tickets/{ticket['id']}/{deed}", json=body)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def read(person: httpx2.AsyncClient, path: str, **params: Any) -> Any:
    """What a GET answers, which must be 200."""
    answer = await person.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ticket_as_read(person: httpx2.AsyncClient, ticket: Json) -> Json:
    """The ticket as it reads now."""
    return await read(person, f"tickets/{ticket['id']}")


async def timeline(person: httpx2.AsyncClient, ticket: Json) -> list[Json]:
    """The ticket's events, oldest first."""
    return (await read(person, f"tickets/{ticket['id']}/timeline", limit=200))["items"]


async def kinds(person: httpx2.AsyncClient, ticket: Json) -> list[str]:
    """The kinds of the ticket's events, oldest first."""
    return [event["kind"] for event in await timeline(person, ticket)]


async def mails(people: People, ticket: Json) -> list[Json]:
    """The mails that name the ticket, newest first."""
    return await read(people.nobody, "demo/mailbox", limit=10_000, subject=ticket["number"])


async def mailed(people: People, ticket: Json, words: str, times: int = 1) -> list[Json]:
    """Waits until so many mails about the ticket say `words`, in their subject or text; returns them."""

    async def found() -> list[Json] | None:
        matching = [mail for mail in await mails(people, ticket) if words in f"{mail['subject']}\n{mail['text']}"]
        return matching if len(matching) >= times else None

    matching = await eventually(found, f"{times} mails about {ticket['number']} that say {words!r}", every=0.2)
    assert len(matching) == times, matching
    return matching


async def token_mailed_to(people: People, email: str) -> str:
    """The token in the newest mail to somebody, once there is one."""

    async def found() -> str | None:
        mails = await read(people.nobody, "demo/mailbox", recipient=email, limit=1)
        token = _TOKEN.search(mails[0]["text"].replace("\r", "")) if mails else None
        return token[1] if token else None

    token: str = await eventually(found, f"a mail to {email} with a token", every=0.1)
    return token


async def settled(person: httpx2.AsyncClient, command_id: str, within: float = 60.0) -> Json:
    """Waits until a command is no longer pending, through an outage if there is one; returns it."""

    async def found() -> Json | None:
        try:
            answer = await person.get(f"commands/{command_id}")
        except httpx2.TransportError:
            return None
        command = answer.json() if answer.status_code == 200 else None
        return command if command and command["status"] != "pending" else None

    return await eventually(found, f"command {command_id} is settled", within=within, every=0.2)


def assert_problem(answer: httpx2.Response, status: int, code: str | None = None, field: str | None = None) -> None:
    """The answer is an RFC 9457 problem with this status, with this code and naming this field where they are given."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == (code or problem["code"])
    assert problem["status"] == status
    assert all(problem[name] for name in ("code", "title", "detail")), problem
    if field is not None:
        assert field in [error["field"] for error in problem["errors"]], problem


def new_key() -> str:
    """An idempotency key that nobody has used; being a UUID it is the command's id too."""
    return str(uuid.uuid4())
