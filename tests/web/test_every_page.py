"""Every page, for every role, on what is one's own, another customer's and another tenant's.

What a page needs is declared here once more, apart from the pages; one that is missing here fails the test.
"""

from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute

from domain.people.permissions import TENANT_ROLES, Permission
from tests.e2e.test_every_route import ROLES, Belongings, belongings
from tests.stack.people import People
from tests.web.conftest import Arrive
from tests.web.visitor import FROM_OUR_PAGES, Visitor
from web.app import ROUTES
from web.customers.routes import COMMANDS as CUSTOMER_COMMANDS
from web.tickets.routes import COMMANDS

P = Permission
PUBLIC, LOGGED_IN = "public", "logged in"
OF_A_CUSTOMER = "speaks for a customer"
TICKET = "/tickets/{ticket_id}"
TASK = "/inbox/{task_id}"
CUSTOMER = "/customers/{customer_id}"
DOCUMENT = "/customers/{customer_id}/kyc/documents/{document_id}"

NEEDS: dict[tuple[str, str], str] = {
    ("GET", "/login"): PUBLIC,
    ("POST", "/login"): PUBLIC,
    ("POST", "/logout"): PUBLIC,
    ("POST", "/language"): PUBLIC,
    ("GET", "/"): LOGGED_IN,
    ("GET", "/live"): LOGGED_IN,
    ("PUT", "/drafts/{form}"): LOGGED_IN,
    ("GET", "/commands/{command_id}"): P.COMMANDS_READ,
    ("POST", "/files"): P.FILES_WRITE,
    ("GET", "/files/{file_id}"): P.FILES_READ,
    ("GET", "/inbox"): P.REVIEWS_READ,
    ("GET", TASK): P.REVIEWS_READ,
    ("POST", f"{TASK}/claim"): P.REVIEWS_DECIDE,
    ("POST", f"{TASK}/release"): P.REVIEWS_DECIDE,
    ("POST", f"{TASK}/decision"): P.REVIEWS_DECIDE,
    ("GET", f"{DOCUMENT}/picture"): P.KYC_READ,
    ("GET", f"{DOCUMENT}/download"): P.KYC_READ,
    ("GET", "/kyc"): OF_A_CUSTOMER,
    ("GET", "/kyc/check"): OF_A_CUSTOMER,
    ("POST", "/kyc/check"): OF_A_CUSTOMER,
    ("GET", "/kyc/{name}"): OF_A_CUSTOMER,
    ("POST", "/kyc/{name}"): OF_A_CUSTOMER,
    ("POST", "/kyc/documents/{document_id}/remove"): OF_A_CUSTOMER,
    ("GET", "/waiting"): P.OPERATIONS_READ,
    ("GET", "/find"): LOGGED_IN,
    ("GET", "/customers"): P.CUSTOMERS_READ_ALL,
    ("GET", "/customers/choose"): P.CUSTOMERS_READ_ALL,
    ("GET", "/customers/new"): P.CUSTOMERS_WRITE,
    ("POST", "/customers/new"): P.CUSTOMERS_WRITE,
    ("GET", CUSTOMER): P.CUSTOMERS_READ_ALL,
    ("GET", f"{CUSTOMER}/edit"): P.CUSTOMERS_WRITE,
    ("POST", f"{CUSTOMER}/edit"): P.CUSTOMERS_WRITE,
    ("POST", f"{CUSTOMER}/activate"): P.CUSTOMERS_ACTIVATE,
    ("POST", f"{CUSTOMER}/suspend"): P.CUSTOMERS_SUSPEND,
    ("POST", f"{CUSTOMER}/end"): P.CUSTOMERS_SUSPEND,
    ("GET", f"{CUSTOMER}/kyc"): P.KYC_READ_ALL,
    ("POST", f"{CUSTOMER}/kyc/risk"): P.KYC_DECIDE,
    ("GET", "/tickets"): P.TICKETS_READ,
    ("GET", "/tickets/new"): P.TICKETS_OPEN,
    ("POST", "/tickets/new"): P.TICKETS_OPEN,
    ("GET", TICKET): P.TICKETS_READ,
    ("POST", f"{TICKET}/messages"): P.TICKETS_REPLY,
    ("POST", f"{TICKET}/status"): P.TICKETS_WORK,
    ("POST", f"{TICKET}/priority"): P.TICKETS_WORK,
    ("POST", f"{TICKET}/assign"): P.TICKETS_ASSIGN,
    ("POST", f"{TICKET}/transfer"): P.TICKETS_ASSIGN,
    ("POST", f"{TICKET}/close"): P.TICKETS_WORK,
    ("POST", f"{TICKET}/reopen"): P.TICKETS_REOPEN,
}
GENERAL = {("POST", f"{TICKET}/{{command}}"), ("POST", f"{CUSTOMER}/{{command}}"), ("POST", f"{TASK}/{{deed}}")}
"""One function takes several of those above."""

STREAMS = {("GET", "/live")}
"""These do not end by themselves."""

ONES_OWN = {("PUT", "/drafts/{form}"), ("GET", "/kyc/{name}"), ("POST", "/kyc/{name}")}
"""Under whatever name, these are one's own."""

UPLOADERS = {("GET", "/files/{file_id}"), ("GET", "/commands/{command_id}"), ("GET", f"{DOCUMENT}/picture")}
"""These are for who sent them alone, or no picture: the file of the test is none."""

WORDS: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", f"{TICKET}/messages"): {"body": "Hello"},
    ("POST", f"{CUSTOMER}/suspend"): {"reason": "Because"},
    ("POST", f"{CUSTOMER}/kyc/risk"): {"risk": "high", "reason": "Because"},
    ("POST", f"{TICKET}/status"): {"status": "on_hold"},
    ("POST", f"{TICKET}/priority"): {"priority": "low"},
    ("POST", f"{TICKET}/reopen"): {"reason": "Because"},
    ("POST", f"{TASK}/decision"): {"decision": "approve"},
}
"""Valid words, so that a refusal can only be about whose the thing is."""


@pytest.fixture(scope="module")
async def whose(people: People) -> dict[str, Belongings]:
    """What a customer, another of the same company, and one of another have."""
    return {
        "mine": await belongings(people, "client", "acme"),
        "another customer's": await belongings(people, "client2", "acme"),
        "another tenant's": await belongings(people, "client", "globex"),
    }


def allowed(role: str, page: tuple[str, str]) -> bool:
    if NEEDS[page] == OF_A_CUSTOMER:
        return role == "client"
    return NEEDS[page] in (PUBLIC, LOGGED_IN) or NEEDS[page] in TENANT_ROLES[role]


async def ask(visitor: Visitor, page: tuple[str, str], whose: Belongings) -> httpx2.Response:
    """Asks for the page as a form of one's own pages does."""
    method, path = page
    things = Belongings({**whose.ids, "name": "company_registration"})
    words = {**WORDS.get(page, {}), "_token": visitor.token} if method == "POST" else None
    kept = {"fields": {}} if method == "PUT" else None
    address = f"/{things.path(path)}"
    return await visitor.client.request(method, address, data=words, json=kept, headers=FROM_OUR_PAGES)


def test_no_page_is_missing() -> None:
    pages = {
        (method, route.path.replace(":path", ""))
        for routes in ROUTES
        for route in routes.router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    named = {("POST", f"{TICKET}/{command}") for command in COMMANDS}
    named |= {("POST", f"{CUSTOMER}/{command}") for command in CUSTOMER_COMMANDS}
    named |= {("POST", f"{TASK}/{deed}") for deed in ("claim", "release")}
    assert (pages - GENERAL) | named == set(NEEDS)


async def test_nobody_gets_in_without_a_login(arrive: Arrive, whose: dict[str, Belongings]) -> None:
    nobody = await arrive()
    for page in NEEDS:
        if NEEDS[page] != PUBLIC:
            answer = await ask(nobody, page, whose["mine"])
            assert answer.status_code in (303, 401), page
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/login"), page


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_not_is_refused_and_anothers_is_not_there(
    arrive: Arrive, whose: dict[str, Belongings], role: str
) -> None:
    visitor = await arrive(f"{role}@acme.example")
    names = ("another customer's", "another tenant's") if role == "client" else ("another tenant's",)
    foreign = [whose[name] for name in names]
    for page in NEEDS:
        if not allowed(role, page):
            for things in (whose["mine"], *foreign):
                assert (await ask(visitor, page, things)).status_code in (403, 404), page
        elif "{" in page[1] and page not in ONES_OWN:
            for things in foreign:
                assert (await ask(visitor, page, things)).status_code == 404, page


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_gets_in(arrive: Arrive, whose: dict[str, Belongings], role: str) -> None:
    visitor = await arrive(f"{role}@acme.example")
    for page in NEEDS:
        if page[0] == "GET" and allowed(role, page) and page not in STREAMS | UPLOADERS:
            answer = await ask(visitor, page, whose["mine"])
            assert answer.status_code in (200, 303), (page, answer.text)
