"""Every route of the document, for every role, on what is one's own, another customer's and another tenant's.

What a route needs is declared in `rights.py`, apart from the routes; one that is missing there fails the test.
"""

import httpx2
import pytest

from domain.people.permissions import TENANT_ROLES
from tests.e2e.paths import (
    BODIES,
    DRAFT,
    SHOP,
)
from tests.e2e.rights import LOGGED_IN, NEEDS, PUBLIC, ROLES
from tests.stack.belongings import Belongings
from tests.stack.document import document
from tests.stack.people import People

COMPARISONS = {
    ("GET", "/products/compare"),
    ("GET", f"{SHOP}/products/compare"),
    ("GET", "/availability"),
    ("GET", f"{SHOP}/availability"),
}
"""Here whose the things are is told by a query, which these tests do not make."""

ONES_OWN = {("GET", DRAFT), ("PUT", DRAFT), ("DELETE", DRAFT)}
"""Under whatever name, these are one's own."""

EVERYBODYS = {
    ("GET", f"{SHOP}/products"),
    ("GET", f"{SHOP}/categories/products"),
    ("GET", f"{SHOP}/services"),
    ("POST", f"{SHOP}/bookings"),
    ("GET", "/categories/{category_id}"),
    ("GET", "/categories/products/{product_category_id}"),
}
"""What a company shows to everybody, and asks of everybody."""


def allowed(role: str, route: tuple[str, str]) -> bool:
    return NEEDS[route] in (PUBLIC, LOGGED_IN) or NEEDS[route] in TENANT_ROLES[role]


async def call(http: httpx2.AsyncClient, route: tuple[str, str], whose: Belongings) -> httpx2.Response:
    return await http.request(route[0], whose.path(route[1]), json=BODIES.get(route))


def test_no_route_is_missing() -> None:
    paths = document()["paths"]
    routes = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, operations in paths.items()
        if path.startswith("/api/v1")
        for method in operations
    }
    assert routes == set(NEEDS)


async def test_nobody_gets_in_without_a_login(people: People, acme: Belongings) -> None:
    for route in NEEDS:
        if NEEDS[route] != PUBLIC:
            assert (await call(people.nobody, route, acme)).status_code == 401, route


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_not_is_refused_whosever_it_is(
    people: People, acme: Belongings, other_customer_of_acme: Belongings, globex: Belongings, role: str
) -> None:
    http = await people.log_in(f"{role}@acme.example")
    everybodys = (acme, other_customer_of_acme, globex)
    for route in NEEDS:
        if not allowed(role, route):
            # What has no id in its path is the same whoever's is meant.
            for whose in {whose.path(route[1]): whose for whose in everybodys}.values():
                answer = await call(http, route, whose)
                assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), (route, answer.text)


@pytest.mark.parametrize("role", ROLES)
async def test_another_tenants_is_not_there(people: People, globex: Belongings, role: str) -> None:
    http = await people.log_in(f"{role}@acme.example")
    for route in NEEDS:
        if "{" in route[1] and allowed(role, route) and route not in COMPARISONS | ONES_OWN:
            answer = await call(http, route, globex)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (route, answer.text)


async def test_another_customers_is_not_there_for_a_client(people: People, other_customer_of_acme: Belongings) -> None:
    http = await people.log_in("client@acme.example")
    for route in NEEDS:
        if "{" in route[1] and allowed("client", route) and route not in COMPARISONS | EVERYBODYS | ONES_OWN:
            answer = await call(http, route, other_customer_of_acme)
            assert answer.status_code == 404, (route, answer.text)


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_gets_in(people: People, acme: Belongings, role: str) -> None:
    http = await people.log_in(f"{role}@acme.example")
    for method, path in NEEDS:
        if method == "GET" and allowed(role, (method, path)):
            if role != "client" and path.startswith(("/files", "/me/views/{")):
                continue  # A file that is attached to nothing is its uploader's alone, and a view its keeper's.
            if "{token}" in path or "{secret}" in path:
                continue  # Nobody here has a link to a quote or a booking, or the address of a calendar.
            if (method, path) in COMPARISONS:
                continue
            answer = await call(http, (method, path), acme)
            assert answer.status_code == 200, (path, answer.text)
        elif method == "POST" and "{" not in path and NEEDS[method, path] not in (PUBLIC, LOGGED_IN):
            answer = await http.post(path.removeprefix("/"), json={"no": "such field"})
            assert (answer.status_code != 403) == allowed(role, (method, path)), (path, answer.text)
