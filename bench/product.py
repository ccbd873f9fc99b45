"""The product's figures, through the public HTTP API: as its people and programs meet it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from itertools import cycle
from typing import Any

from bench.http_connection import HttpConnection, UnexpectedAnswer, request
from bench.load import Figure, measure

OPEN_TICKET = "POST /tickets"
SET_STATUS = "POST /tickets/{id}/status"
GET_TICKET = "GET /tickets/{id}"
LIST_TICKETS = "GET /tickets?limit=50"

PREFIX = "/api/v1"
_LIST = f"{PREFIX}/tickets?limit=50"


class Product:
    """One connection per client, a customer and an agent; each client moves a ticket of its own."""

    def __init__(self, connections: list[HttpConnection], customer: str, agent: str) -> None:
        self._connections = connections
        self._agent = agent
        body = {"subject": "Benchmark", "body": "How long does this take?", "priority": "low"}
        self._open = request("POST", f"{PREFIX}/tickets", token=customer, body=body)
        self._list = request("GET", _LIST, token=agent)
        self._opened: list[str] = []
        self._get: list[bytes] = []
        self._moves: list[cycle[bytes]] = []

    async def open_own_tickets(self) -> None:
        """Opens the ticket of each client."""
        for client in range(len(self._connections)):
            await self.open_ticket(client)
            path = f"{PREFIX}/tickets/{self._opened[-1]}"
            self._get.append(request("GET", path, token=self._agent))
            moves = ({"status": status} for status in ("in_progress", "on_hold"))
            self._moves.append(cycle([request("POST", f"{path}/status", token=self._agent, body=b) for b in moves]))

    async def open_ticket(self, client: int) -> bool:
        status, body = await self._connections[client].ask(self._open)
        if status == HTTPStatus.CREATED:
            self._opened.append(json.loads(body)["id"])
        return _in_time(status, HTTPStatus.CREATED, OPEN_TICKET, body)

    async def set_status(self, client: int) -> bool:
        status, body = await self._connections[client].ask(next(self._moves[client]))
        return _in_time(status, HTTPStatus.OK, SET_STATUS, body)

    async def get_ticket(self, client: int) -> bool:
        status, body = await self._connections[client].ask(self._get[client])
        return _in_time(status, HTTPStatus.OK, GET_TICKET, body)

    async def list_tickets(self, client: int) -> bool:
        status, body = await self._connections[client].ask(self._list)
        return _in_time(status, HTTPStatus.OK, LIST_TICKETS, body)

    async def close_tickets(self) -> None:
        """Closes every ticket that was opened, so that none of them falls due later."""
        closing = iter(self._opened)

        async def close(client: int) -> bool:
            path = f"{PREFIX}/tickets/{next(closing)}/close"
            await self._connections[client].ask(request("POST", path, token=self._agent))
            return True

        await measure("close", close, requests=len(self._opened), at_a_time=len(self._connections))


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
    _in_time(status, HTTPStatus.OK, f"the login of {email}", answer)
    token: dict[str, Any] = json.loads(answer)
    return str(token["access_token"])


async def measure_product(
    host: str, port: int, tenant: str, password: str, requests: int, at_a_time: tuple[int, ...]
) -> list[Figure]:
    """The product's figures for each number of clients, in a tenant of the demo.

    Raises OSError when the API does not listen, UnexpectedAnswer when it answers otherwise than expected.
    """
    async with connections(host, port, max(at_a_time)) as opened:
        customer = await log_in(opened[0], f"client@{tenant}.example", password)
        agent = await log_in(opened[0], f"agent@{tenant}.example", password)
        product = Product(opened, customer, agent)
        await product.open_own_tickets()
        asked = (
            (OPEN_TICKET, product.open_ticket),
            (SET_STATUS, product.set_status),
            (GET_TICKET, product.get_ticket),
            (LIST_TICKETS, product.list_tickets),
        )
        for name, ask in asked:
            await measure(name, ask, requests=max(requests // 4, len(opened)), at_a_time=len(opened))
        figures = [
            await measure(name, ask, requests=requests, at_a_time=clients)
            for name, ask in asked
            for clients in at_a_time
        ]
        await product.close_tickets()
        return figures


def _in_time(status: int, expected: HTTPStatus, what: str, body: bytes) -> bool:
    if status not in (expected, HTTPStatus.ACCEPTED):
        raise UnexpectedAnswer(f"{what} was answered with {status}: {body[:300].decode(errors='replace')}")
    return status == expected
