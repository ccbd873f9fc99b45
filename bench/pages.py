"""How long pages take, of a browser that has everything but the page: lists among a hundred thousand and a million
tickets, a ticket with thirty messages, the inbox, and a customer's first page."""

import json
from http import HTTPStatus

from bench.cpu import ReadCpu
from bench.http_connection import HttpConnection, UnexpectedAnswer, request
from bench.lists import SIZES, tenant_of
from bench.load import Figure, Series, measure
from bench.product import PREFIX, connections, in_time, log_in

MESSAGES = 30
FEW, MANY = SIZES[1:]
LIST_FEW, LIST_MANY = f"page of 50 among {FEW:,} tickets", f"page of 50 among {MANY:,} tickets"
TICKET, INBOX, HOME = f"page of a ticket with {MESSAGES} messages", "page of the inbox", "page of a customer's home"


async def measure_pages(host: str, port: int, password: str, requests: int, cpu: ReadCpu) -> list[Figure]:
    """A figure for each page, one visitor at a time; the tenants of the long lists must have been made. Raises OSError
    and UnexpectedAnswer, as `product_load` does."""
    async with connections(host, port, 1) as opened:
        http = opened[0]
        slug = tenant_of(FEW)
        agent, client = [await log_in(http, f"{who}@{slug}.example", password) for who in ("agent", "client")]
        elsewhere = await log_in(http, f"agent@{tenant_of(MANY)}.example", password)
        ticket = await long_ticket(http, client, agent)
        pages = {
            LIST_FEW: ("/tickets", agent),
            LIST_MANY: ("/tickets", elsewhere),
            TICKET: (f"/tickets/{ticket}", agent),
            INBOX: ("/inbox", agent),
            HOME: ("/", client),
        }
        return await measure([_looking_at(http, name, *page) for name, page in pages.items()], requests, cpu)


def _looking_at(http: HttpConnection, name: str, path: str, token: str) -> Series:
    asked = request("GET", path, cookies=f"casewright-access={token}; __Host-access={token}")

    async def look(_: int) -> bool:
        status, body = await http.ask(asked)
        return in_time(status, HTTPStatus.OK, name, body)

    return Series(name, 1, look)


async def long_ticket(http: HttpConnection, client: str, agent: str) -> str:
    """A new ticket with thirty messages: its id. Raises as `measure_pages`."""
    opening = {"subject": "Benchmark", "body": "How long does this take?"}
    status, body = await http.ask(request("POST", f"{PREFIX}/tickets", token=client, body=opening))
    if not in_time(status, HTTPStatus.CREATED, "opening a ticket", body):
        raise UnexpectedAnswer("A ticket was taken and not opened in time: does a worker run?")
    ticket = str(json.loads(body)["id"])
    path = f"{PREFIX}/tickets/{ticket}/messages"
    for number in range(MESSAGES - 1):
        said = request("POST", path, token=(client, agent)[number % 2], body={"body": "As long as it takes."})
        status, body = await http.ask(said)
        in_time(status, HTTPStatus.CREATED, "a message", body)
    return ticket
