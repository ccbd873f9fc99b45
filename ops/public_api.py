"""A client of the public API: log in, read, write. For the demo and the benchmark."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx2

from ops.trouble import Trouble

PREFIX = "/api/v1"
_PATIENCE_SECONDS = 15.0


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in; `name` is what to call them, `token` what the API knows them by."""

    name: str
    email: str
    token: str


class PublicApi:
    """The API at an address. Whatever it does not answer with success is raised as Trouble with its own sentence."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def log_in(self, name: str, email: str, password: str) -> Person:
        """The person of that address, in the first of its tenants."""
        answer = await self._ask("POST", "/auth/login", json={"email": email, "password": password})
        return Person(name, email, answer["access_token"])

    async def get(self, person: Person | None, path: str, **parameters: Any) -> Any:
        """What `person` reads at `path`, decoded; None reads what is public."""
        return await self._ask("GET", path, person=person, params=parameters)

    async def post(self, person: Person | None, path: str, **body: Any) -> Any:
        """What the API answers when `person`, or somebody who has not logged in, sends these fields to `path`, decoded.
        None for an answer without a body."""
        return await self._ask("POST", path, person=person, json=body)

    async def put(self, person: Person, path: str, **body: Any) -> Any:
        """As `post`, for what replaces something."""
        return await self._ask("PUT", path, person=person, json=body)

    async def patch(self, person: Person, path: str, **body: Any) -> Any:
        """As `post`, for what changes something."""
        return await self._ask("PATCH", path, person=person, json=body)

    async def upload(self, person: Person, name: str, content: bytes, content_type: str) -> Any:
        """What the API answers when `person` sends a file in, decoded."""
        return await self._ask("POST", "/files", person=person, files={"file": (name, content, content_type)})

    async def _ask(self, method: str, path: str, *, person: Person | None = None, **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {person.token}"} if person else {}
        try:
            answer = await self._client.request(method, PREFIX + path, headers=headers, **content)
        except httpx2.TransportError as away:
            raise Trouble(
                f"The API at {self._client.base_url} does not answer: start a stack with `make up`."
            ) from away
        if answer.status_code == HTTPStatus.ACCEPTED:
            raise Trouble(f"{method} {path} was taken, and the workflow has not answered yet: does a worker run?")
        if not answer.is_success:
            raise Trouble(f"{method} {path} was answered with {answer.status_code}: {_sentence(answer)}")
        return answer.json() if answer.content else None


@asynccontextmanager
async def public_api(address: str) -> AsyncIterator[PublicApi]:
    """The API at `address` (`http://host:port`) during the block."""
    async with httpx2.AsyncClient(base_url=address, timeout=_PATIENCE_SECONDS) as client:
        yield PublicApi(client)


def _sentence(answer: httpx2.Response) -> str:
    if not answer.headers.get("content-type", "").endswith("json"):
        return answer.reason_phrase
    problem = answer.json()
    return f"{problem.get('detail')} ({problem.get('code')})"
