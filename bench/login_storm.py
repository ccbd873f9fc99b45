"""How much slower reading gets while twenty people log in at once: hashing a password takes a core for a while."""

import asyncio
from http import HTTPStatus

from bench.http_connection import HttpConnection, UnexpectedAnswer, request
from bench.load import Figure, Series
from bench.product import GET_TICKET, PREFIX, Product, connections

PEOPLE = 20
DURING = f"{GET_TICKET} during {PEOPLE} logins at once"


async def measure_login_storm(
    host: str, port: int, tenant: str, password: str, product: Product, requests: int
) -> tuple[Figure, Figure]:
    """Reading one ticket, one at a time: quietly, and while so many log in again and again.

    Raises UnexpectedAnswer when a login is answered with anything but success or 429.
    """
    quiet, during = Series(GET_TICKET, 1, product.get_ticket), Series(DURING, 1, product.get_ticket)
    await quiet.go_on(requests)
    body = {"email": f"reviewer@{tenant}.example", "password": password}
    login = request("POST", f"{PREFIX}/auth/login", body=body)
    async with connections(host, port, PEOPLE) as opened:
        storm = [asyncio.create_task(_log_in_again_and_again(connection, login)) for connection in opened]
        try:
            await during.go_on(requests)
        finally:
            for person in storm:
                person.cancel()
            ended = await asyncio.gather(*storm, return_exceptions=True)
    for failure in ended:
        if isinstance(failure, UnexpectedAnswer):
            raise failure
    return quiet.figure(), during.figure()


async def _log_in_again_and_again(connection: HttpConnection, login: bytes) -> None:
    while True:
        status, _ = await connection.ask(login)
        if status not in (HTTPStatus.OK, HTTPStatus.TOO_MANY_REQUESTS):
            raise UnexpectedAnswer(f"A login was answered with {status}.")
