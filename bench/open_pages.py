"""How much slower commands get while people have pages open that listen to what happens."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bench.cpu import ReadCpu
from bench.http_connection import HttpConnection, UnexpectedAnswer, request
from bench.load import ROUNDS, Figure, Series
from bench.product import SET_STATUS, Product, log_in

PAGES = 300
DURING = f"{SET_STATUS} with {PAGES} open pages"


async def measure_open_pages(
    host: str, port: int, tenant: str, password: str, product: Product, clients: int, requests: int, cpu: ReadCpu
) -> tuple[Figure, Figure]:
    """Status commands of so many clients: with no page open, and with 300 of agents and customers who all hear of each.
    Raises UnexpectedAnswer where a page's stream does not begin, or ends."""
    http = HttpConnection(host, port)
    tokens = [await log_in(http, f"{who}@{tenant}.example", password) for who in ("agent", "client")]
    http.close()
    alone, during = Series(SET_STATUS, clients, product.set_status), Series(DURING, clients, product.set_status)
    # By turns: what disturbs the machine for a while disturbs both alike.
    for _ in range(ROUNDS):
        await _go_on(alone, requests // ROUNDS, cpu)
        async with _open_pages(host, port, tokens):
            await _go_on(during, requests // ROUNDS, cpu)
    return alone.figure(), during.figure()


async def _go_on(series: Series, requests: int, cpu: ReadCpu) -> None:
    before = cpu()
    await series.go_on(max(1, requests))
    series.count_cpu(before, cpu())


@asynccontextmanager
async def _open_pages(host: str, port: int, tokens: Sequence[str]) -> AsyncIterator[None]:
    async def listen(token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(request("GET", "/live", cookies=f"casewright-access={token}; __Host-access={token}"))
        if not (head := await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200"):
            raise UnexpectedAnswer(f"A page's stream was answered with {head[9:12].decode()}.")
        return reader, writer

    async def hear(reader: asyncio.StreamReader) -> None:
        while await reader.read(65_536):
            pass

    pages = await asyncio.gather(*(listen(tokens[number % len(tokens)]) for number in range(PAGES)))
    heard = [asyncio.create_task(hear(reader)) for reader, _ in pages]
    try:
        yield
        if any(page.done() for page in heard):
            raise UnexpectedAnswer("A page's stream has ended.")
    finally:
        for page, (_, writer) in zip(heard, pages, strict=True):
            page.cancel()
            writer.close()
