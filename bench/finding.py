"""How long it takes to find a product among a hundred thousand, and to read the story of a customer with five thousand
events."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from itertools import cycle
from typing import Any
from urllib.parse import quote

from bench.cpu import ReadCpu
from bench.http_connection import HttpConnection, request
from bench.load import Ask, Figure, Series, measure
from bench.product import PREFIX, connections, in_time, log_in

PRODUCTS, EVENTS = 100_000, 5_000
TENANT = "bench-finding"
"""The slug of the tenant that has so many of each."""

WHOLE = f"whole words among {PRODUCTS:,} products"
BEGUN = f"begun words among {PRODUCTS:,} products"
MISSPELT = f"misspelt words among {PRODUCTS:,} products"
STORY = f"50 of a customer's {EVENTS:,} events"

_WORDS = {
    WHOLE: ("étagère en chêne", "etagere chene", "théière", "poêle bleu pétrole", "garantie", "fait main ecru"),
    BEGUN: ("bibliot", "étag", "ecr", "fauteuil en hê", "matel regl", "ta"),
    MISSPELT: ("fauteil", "biblioteque", "robinait", "couetes"),
}


async def measure_finding(host: str, port: int, password: str, requests: int, cpu: ReadCpu) -> list[Figure]:
    """A figure for each way to search, and for the pages of the story one after the other, one client at a time; the
    tenant must have been made. Raises OSError and UnexpectedAnswer, as `product_load` does."""
    async with connections(host, port, 1) as opened:
        agent, client = [await log_in(opened[0], f"{who}@{TENANT}.example", password) for who in ("agent", "client")]
        reader = _Reader(opened[0], agent)
        me = await _Reader(opened[0], client).read("/me")
        asks = {name: reader.searching(words) for name, words in _WORDS.items()}
        asks[STORY] = reader.turning_pages(f"/customers/{me['customer']['id']}/timeline?limit=50")
        return await measure([Series(name, 1, ask) for name, ask in asks.items()], requests, cpu)


class _Reader:
    """Somebody who reads over one connection."""

    def __init__(self, connection: HttpConnection, token: str) -> None:
        self._connection, self._token = connection, token

    async def read(self, path: str) -> Any:
        """Raises UnexpectedAnswer."""
        status, body = await self._connection.ask(request("GET", f"{PREFIX}{path}", token=self._token))
        in_time(status, HTTPStatus.OK, f"GET {path}", body)
        return json.loads(body)

    def searching(self, words: Sequence[str]) -> Ask:
        """Looks for one after the other, again and again."""
        paths = cycle([f"/products?limit=20&q={quote(each)}" for each in words])

        async def search(_: int) -> bool:
            await self.read(next(paths))
            return True

        return search

    def turning_pages(self, path: str) -> Ask:
        """Reads a list from its beginning to its end, again and again."""
        cursor: str | None = None

        async def turn(_: int) -> bool:
            nonlocal cursor
            page = await self.read(f"{path}&cursor={cursor}" if cursor else path)
            cursor = page["next_cursor"]
            return True

        return turn
