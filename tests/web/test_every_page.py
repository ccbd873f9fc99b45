"""Every page, for every role, on what is one's own, another customer's and another tenant's.

What a page needs is declared here once more, apart from the pages; one that is missing here fails the test.
"""

from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute

from domain.people.permissions import TENANT_ROLES, Permission
from tests.e2e.rights import ROLES
from tests.stack.belongings import Belongings
from tests.web.conftest import Arrive
from tests.web.visitor import FROM_OUR_PAGES, Visitor
from web.app import ROUTES
from web.customers.routes import COMMANDS as CUSTOMER_COMMANDS
from web.quotes.routes import COMMANDS as QUOTE_COMMANDS
from web.tickets.routes import COMMANDS

P = Permission
PUBLIC, LOGGED_IN = "public", "logged in"
OF_A_CUSTOMER = "speaks for a customer"
SETTINGS = "/settings"
QUOTE = "/quotes/{quote_id}"
QUOTE_REQUEST = "/quote-requests/{request_id}"
LINK = "/q/{token}"
TICKET = "/tickets/{ticket_id}"
TASK = "/inbox/{task_id}"
CUSTOMER = "/customers/{customer_id}"
DOCUMENT = "/customers/{customer_id}/kyc/documents/{document_id}"

NEEDS: dict[tuple[str, str], str] = {
    ("GET", "/register"): PUBLIC,
    ("POST", "/register"): PUBLIC,
    ("POST", "/verify/again"): PUBLIC,
    ("GET", "/verify"): PUBLIC,
    ("POST", "/verify"): PUBLIC,
    ("GET", "/reset"): PUBLIC,
    ("POST", "/reset"): PUBLIC,
    ("POST", "/reset/password"): PUBLIC,
    ("GET", "/invitation"): PUBLIC,
    ("POST", "/invitation"): PUBLIC,
    ("GET", "/well/{said}"): PUBLIC,
    ("GET", "/b/{token}"): PUBLIC,
    ("GET", "/b/{token}/ics"): PUBLIC,
    ("GET", "/b/{token}/times"): PUBLIC,
    ("POST", "/b/{token}/{command}"): PUBLIC,
    ("GET", "/account"): LOGGED_IN,
    ("POST", "/account"): LOGGED_IN,
    ("POST", "/account/password"): LOGGED_IN,
    ("POST", "/account/sessions"): LOGGED_IN,
    ("POST", "/account/sessions/{session_id}"): LOGGED_IN,
    ("POST", "/account/tenant"): LOGGED_IN,
    ("GET", "/account/log"): P.AUDIT_READ_OWN,
    ("GET", "/audit"): P.AUDIT_READ,
    ("GET", "/tenants"): P.TENANTS_READ,
    ("POST", "/tenants"): P.TENANTS_WRITE,
    ("GET", "/settings"): P.SETTINGS_READ,
    ("GET", f"{SETTINGS}/house/{{name}}"): P.SETTINGS_READ,
    ("POST", f"{SETTINGS}/house/{{name}}"): P.SETTINGS_WRITE,
    ("GET", f"{SETTINGS}/people"): P.USERS_READ,
    ("GET", f"{SETTINGS}/people/invite"): P.USERS_WRITE,
    ("POST", f"{SETTINGS}/people/invite"): P.USERS_WRITE,
    ("POST", f"{SETTINGS}/people/invitations/{{invitation_id}}/withdraw"): P.USERS_WRITE,
    ("GET", f"{SETTINGS}/people/{{user_id}}"): P.USERS_READ,
    ("POST", f"{SETTINGS}/people/{{user_id}}"): P.USERS_WRITE,
    ("POST", f"{SETTINGS}/people/{{user_id}}/remove"): P.USERS_WRITE,
    ("GET", f"{SETTINGS}/roles"): P.USERS_READ,
    ("GET", f"{SETTINGS}/roles/new"): P.ROLES_WRITE,
    ("POST", f"{SETTINGS}/roles/new"): P.ROLES_WRITE,
    ("GET", f"{SETTINGS}/roles/{{role_id}}"): P.USERS_READ,
    ("POST", f"{SETTINGS}/roles/{{role_id}}/preview"): P.ROLES_WRITE,
    ("POST", f"{SETTINGS}/roles/{{role_id}}"): P.ROLES_WRITE,
    ("POST", f"{SETTINGS}/roles/{{role_id}}/delete"): P.ROLES_WRITE,
    ("GET", f"{SETTINGS}/groups"): P.SETTINGS_READ,
    ("POST", f"{SETTINGS}/groups"): P.SETTINGS_WRITE,
    ("GET", f"{SETTINGS}/groups/{{group_id}}"): P.SETTINGS_READ,
    ("POST", f"{SETTINGS}/groups/{{group_id}}"): P.SETTINGS_WRITE,
    ("POST", f"{SETTINGS}/groups/{{group_id}}/delete"): P.SETTINGS_WRITE,
    ("GET", f"{SETTINGS}/categories"): P.SETTINGS_READ,
    ("POST", f"{SETTINGS}/categories"): P.SETTINGS_WRITE,
    ("GET", f"{SETTINGS}/categories/{{category_id}}"): P.SETTINGS_READ,
    ("POST", f"{SETTINGS}/categories/{{category_id}}"): P.SETTINGS_WRITE,
    ("POST", f"{SETTINGS}/categories/{{category_id}}/delete"): P.SETTINGS_WRITE,
    ("GET", f"{SETTINGS}/calendars"): P.SETTINGS_READ,
    ("GET", f"{SETTINGS}/calendars/new"): P.SETTINGS_WRITE,
    ("POST", f"{SETTINGS}/calendars/new"): P.SETTINGS_WRITE,
    ("POST", f"{SETTINGS}/calendars/new/preview"): P.SETTINGS_WRITE,
    ("GET", f"{SETTINGS}/calendars/{{calendar_id}}"): P.SETTINGS_READ,
    ("POST", f"{SETTINGS}/calendars/{{calendar_id}}"): P.SETTINGS_WRITE,
    ("POST", f"{SETTINGS}/calendars/{{calendar_id}}/preview"): P.SETTINGS_WRITE,
    ("POST", f"{SETTINGS}/calendars/{{calendar_id}}/delete"): P.SETTINGS_WRITE,
    ("GET", f"{SETTINGS}/service-levels"): P.SETTINGS_READ,
    ("GET", f"{SETTINGS}/service-levels/new"): P.SETTINGS_WRITE,
    ("POST", f"{SETTINGS}/service-levels/new"): P.SETTINGS_WRITE,
    ("GET", f"{SETTINGS}/service-levels/{{policy_id}}"): P.SETTINGS_READ,
    ("POST", f"{SETTINGS}/service-levels/{{policy_id}}"): P.SETTINGS_WRITE,
    ("POST", f"{SETTINGS}/service-levels/{{policy_id}}/delete"): P.SETTINGS_WRITE,
    ("GET", LINK): PUBLIC,
    ("GET", f"{LINK}/pdf"): PUBLIC,
    ("POST", f"{LINK}/accept"): PUBLIC,
    ("POST", f"{LINK}/decline"): PUBLIC,
    ("GET", "/quotes"): P.QUOTES_READ,
    ("GET", "/quotes/new"): P.QUOTES_WRITE,
    ("POST", "/quotes/new"): P.QUOTES_WRITE,
    ("POST", "/quotes/new/lines"): P.QUOTES_WRITE,
    ("GET", QUOTE): P.QUOTES_READ,
    ("GET", f"{QUOTE}/pdf"): P.QUOTES_READ,
    ("GET", f"{QUOTE}/edit"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/edit"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/edit/lines"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/submit"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/send"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/accept"): P.QUOTES_ACCEPT,
    ("POST", f"{QUOTE}/decline"): P.QUOTES_ACCEPT,
    ("POST", f"{QUOTE}/new-version"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/convert"): P.ORDERS_PLACE,
    ("POST", f"{QUOTE}/delete"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/resend"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/withdraw"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/approval/{{task_id}}"): P.REVIEWS_DECIDE,
    ("GET", "/quote-requests"): P.QUOTES_READ,
    ("GET", "/quote-requests/new"): P.QUOTES_REQUEST,
    ("POST", "/quote-requests/new"): P.QUOTES_REQUEST,
    ("GET", QUOTE_REQUEST): P.QUOTES_READ,
    ("POST", f"{QUOTE_REQUEST}/settle/{{task_id}}"): P.REVIEWS_DECIDE,
    ("POST", f"{QUOTE_REQUEST}/withdraw"): P.QUOTES_REQUEST,
    ("GET", "/products"): P.CATALOGUE_READ,
    ("GET", "/products/new"): P.CATALOGUE_WRITE,
    ("POST", "/products/new"): P.CATALOGUE_WRITE,
    ("GET", "/products/{product_id}"): P.CATALOGUE_READ_ALL,
    ("POST", "/products/{product_id}"): P.CATALOGUE_WRITE,
    ("GET", "/login"): PUBLIC,
    ("POST", "/login"): PUBLIC,
    ("POST", "/logout"): PUBLIC,
    ("POST", "/language"): PUBLIC,
    ("GET", "/"): LOGGED_IN,
    ("GET", "/live"): LOGGED_IN,
    ("PUT", "/drafts/{form}"): LOGGED_IN,
    ("GET", "/tickets/views/counts"): P.TICKETS_READ,
    ("POST", "/tickets/views"): P.TICKETS_READ,
    ("POST", "/tickets/views/{view_id}/forget"): P.TICKETS_READ,
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
    ("POST", f"{TICKET}/close"): P.TICKETS_REPLY,
    ("POST", f"{TICKET}/reopen"): P.TICKETS_REOPEN,
}
GENERAL = {
    ("POST", f"{TICKET}/{{command}}"),
    ("POST", f"{CUSTOMER}/{{command}}"),
    ("POST", f"{QUOTE}/{{command}}"),
    ("POST", f"{TASK}/{{deed}}"),
}
"""One function takes several of those above."""

STREAMS = {("GET", "/live")}
"""These do not end by themselves."""

_LINKS = ("/b/{token}", "/b/{token}/ics", "/b/{token}/times", "/well/{said}", LINK, f"{LINK}/pdf", f"{QUOTE}/edit")
NOT_AS_IT_IS = {("GET", path) for path in _LINKS}
"""Nobody here has the link of a mail, and the quote of the test was sent: it is edited no more."""

ONES_OWN = {
    ("PUT", "/drafts/{form}"),
    ("GET", "/kyc/{name}"),
    ("POST", "/kyc/{name}"),
    ("GET", f"{SETTINGS}/house/{{name}}"),
    ("POST", f"{SETTINGS}/house/{{name}}"),
}
"""Under whatever name, these are one's own."""

UPLOADERS = {("GET", "/files/{file_id}"), ("GET", "/commands/{command_id}")}
"""These are for who sent them alone."""

WORDS: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", f"{TICKET}/messages"): {"body": "Hello"},
    ("POST", f"{CUSTOMER}/suspend"): {"reason": "Because"},
    ("POST", f"{CUSTOMER}/kyc/risk"): {"risk": "high", "reason": "Because"},
    ("POST", f"{TICKET}/status"): {"status": "on_hold"},
    ("POST", f"{TICKET}/priority"): {"priority": "low"},
    ("POST", f"{TICKET}/reopen"): {"reason": "Because"},
    ("POST", f"{TASK}/decision"): {"decision": "approve"},
    ("POST", f"{QUOTE}/approval/{{task_id}}"): {"decision": "approve"},
    ("POST", f"{QUOTE_REQUEST}/settle/{{task_id}}"): {"decision": "done"},
    ("POST", f"{QUOTE}/accept"): {"name": "Somebody"},
    ("POST", f"{QUOTE}/decline"): {"reason": "Because"},
}
"""Valid words, so that a refusal can only be about whose the thing is."""


def allowed(role: str, page: tuple[str, str]) -> bool:
    if NEEDS[page] == OF_A_CUSTOMER:
        return role == "client"
    return NEEDS[page] in (PUBLIC, LOGGED_IN) or NEEDS[page] in TENANT_ROLES[role]


async def ask(visitor: Visitor, page: tuple[str, str], whose: Belongings) -> httpx2.Response:
    """Asks for the page as a form of one's own pages does."""
    method, path = page
    names = {
        "name": "kyc" if path.startswith(SETTINGS) else "identity",
        "said": "sent",
        "command": "cancel",
    }
    things = Belongings({**whose.ids, **names})
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
    named |= {("POST", f"{QUOTE}/{command}") for command in QUOTE_COMMANDS}
    named |= {("POST", f"{CUSTOMER}/{command}") for command in CUSTOMER_COMMANDS}
    named |= {("POST", f"{TASK}/{deed}") for deed in ("claim", "release")}
    assert (pages - GENERAL) | named == set(NEEDS)


async def test_nobody_gets_in_without_a_login(arrive: Arrive, acme: Belongings) -> None:
    nobody = await arrive()
    for page in NEEDS:
        if NEEDS[page] != PUBLIC:
            answer = await ask(nobody, page, acme)
            assert answer.status_code in (303, 401), page
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/login"), page


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_not_is_refused_and_anothers_is_not_there(
    arrive: Arrive, acme: Belongings, other_customer_of_acme: Belongings, globex: Belongings, role: str
) -> None:
    visitor = await arrive(f"{role}@acme.example")
    foreign = [globex, other_customer_of_acme] if role == "client" else [globex]
    for page in NEEDS:
        if not allowed(role, page):
            for things in (acme, *foreign):
                assert (await ask(visitor, page, things)).status_code in (403, 404), page
        elif "{" in page[1] and page not in ONES_OWN and NEEDS[page] != PUBLIC:
            for things in foreign:
                assert (await ask(visitor, page, things)).status_code == 404, page


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_gets_in(arrive: Arrive, acme: Belongings, role: str) -> None:
    visitor = await arrive(f"{role}@acme.example")
    for page in NEEDS:
        if page[0] == "GET" and allowed(role, page) and page not in STREAMS | UPLOADERS | NOT_AS_IT_IS:
            answer = await ask(visitor, page, acme)
            assert answer.status_code in (200, 303), (page, answer.text)
