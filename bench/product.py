"""The load on the product, through its public HTTP API."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from itertools import cycle
from uuid import UUID

from bench.http_connection import HttpConnection, UnexpectedAnswer, request
from bench.load import Series
from bench.mail import Outbox

OPEN_TICKET = "POST /tickets"
SET_STATUS = "POST /tickets/{id}/status"
REPLY = "POST /tickets/{id}/messages"
GET_TICKET = "GET /tickets/{id}"
LIST_TICKETS = "GET /tickets?limit=50"

PREFIX = "/api/v1"

# A command that waits for its workflow, and one that came to nothing because an earlier one of its client waited.
_LATE = frozenset({HTTPStatus.ACCEPTED, HTTPStatus.CONFLICT})


class Product:
    """A customer and an agent of one tenant, by their tokens; each client has a connection and moves its own ticket."""

    def __init__(self, connections: Sequence[HttpConnection], customer: str, agent: str) -> None:
        self._connections = connections
        self._agent = agent
        body = {"subject": "Benchmark", "body": "How long does this take?", "priority": "low"}
        self._open = request("POST", f"{PREFIX}/tickets", token=customer, body=body)
        self._list = request("GET", f"{PREFIX}/tickets?limit=50", token=agent)
        self._own: list[UUID] = []
        self._opened: list[str] = []
        self._get: list[bytes] = []
        self._moves: list[cycle[bytes]] = []
        self._replies: list[bytes] = []

    def series(self, at_a_time: Sequence[int], outbox: Outbox) -> list[Series]:
        """What to measure, with each number of clients. A reply is done with when `outbox` has sent its mail."""

        async def mailed() -> None:
            await outbox.sent(self._own)

        return [
            *(Series(OPEN_TICKET, clients, self.open_ticket) for clients in at_a_time),
            *(Series(SET_STATUS, clients, self.set_status) for clients in at_a_time),
            *(Series(REPLY, clients, self.reply, mailed) for clients in at_a_time),
            *(Series(GET_TICKET, clients, self.get_ticket) for clients in at_a_time),
            *(Series(LIST_TICKETS, clients, self.list_tickets) for clients in at_a_time),
        ]

    async def open_own_tickets(self) -> None:
        """Opens a ticket for each client to move. Raises UnexpectedAnswer when that takes too long."""
        for client in range(len(self._connections)):
            if not await self.open_ticket(client):
                raise UnexpectedAnswer("A ticket was taken and not opened in time: does a worker run?")
            self._own.append(UUID(self._opened[-1]))
            path = f"{PREFIX}/tickets/{self._own[-1]}"
            self._get.append(request("GET", path, token=self._agent))
            moves = ({"status": status} for status in ("in_progress", "on_hold"))
            self._moves.append(cycle([request("POST", f"{path}/status", token=self._agent, body=b) for b in moves]))
            reply = {"body": "As long as it takes to tell you."}
            self._replies.append(request("POST", f"{path}/messages", token=self._agent, body=reply))

    async def open_ticket(self, client: int) -> bool:
        status, body = await self._connections[client].ask(self._open)
        if status == HTTPStatus.CREATED:
            self._opened.append(json.loads(body)["id"])
        return in_time(status, HTTPStatus.CREATED, OPEN_TICKET, body)

    async def set_status(self, client: int) -> bool:
        status, body = await self._connections[client].ask(next(self._moves[client]))
        return in_time(status, HTTPStatus.OK, SET_STATUS, body)

    async def reply(self, client: int) -> bool:
        status, body = await self._connections[client].ask(self._replies[client])
        return in_time(status, HTTPStatus.CREATED, REPLY, body)

    async def get_ticket(self, client: int) -> bool:
        status, body = await self._connections[client].ask(self._get[client])
        return in_time(status, HTTPStatus.OK, GET_TICKET, body)

    async def list_tickets(self, client: int) -> bool:
        status, body = await self._connections[client].ask(self._list)
        return in_time(status, HTTPStatus.OK, LIST_TICKETS, body)

    async def close_tickets(self) -> None:
        """Closes every ticket that was opened, so that none of them falls due later."""
        closing = iter(self._opened)

        async def close(client: int) -> bool:
            path = f"{PREFIX}/tickets/{next(closing)}/close"
            status, body = await self._connections[client].ask(request("POST", path, token=self._agent))
            return in_time(status, HTTPStatus.OK, "closing a ticket", body)

        await Series("close", len(self._connections), close).go_on(len(self._opened))


@asynccontextmanager
async def product_load(host: str, port: int, tenant: str, password: str, clients: int) -> AsyncIterator[Product]:
    """The product with so many clients during the block, in a tenant of the demo.

    Raises OSError when the API does not listen, UnexpectedAnswer when it answers otherwise than expected.
    """
    async with connections(host, port, clients) as opened:
        customer = await log_in(opened[0], f"client@{tenant}.example", password)
        agent = await log_in(opened[0], f"agent@{tenant}.example", password)
        product = Product(opened, customer, agent)
        await product.open_own_tickets()
        yield product
        await product.close_tickets()


@asynccontextmanager
async def connections(host: str, port: int, count: int) -> AsyncIterator[list[HttpConnection]]:
    """So many connections to that address during the block."""
    opened = [HttpConnection(host, port) for _ in range(count)]
    try:
        yield opened
    finally:
        for connection in opened:
            connection.close()


async def log_in(connection: HttpConnection, email: str, password: str) -> str:
    """An access token. Raises UnexpectedAnswer when the account or its password is not right."""
    body = {"email": email, "password": password}
    status, answer = await connection.ask(request("POST", f"{PREFIX}/auth/login", body=body))
    in_time(status, HTTPStatus.OK, f"the login of {email}", answer)
    return str(json.loads(answer)["access_token"])


def in_time(status: int, expected: HTTPStatus, what: str, body: bytes) -> bool:
    """Whether the answer is the expected one; false for one that is late. Raises UnexpectedAnswer for any other."""
    if status != expected and status not in _LATE:
        raise UnexpectedAnswer(f"{what} was answered with {status}: {body[:300].decode(errors='replace')}")
    return status == expected
