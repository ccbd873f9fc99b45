"""Every route of the document, for every role, on what is one's own, another customer's and another tenant's.

What a route needs is declared here once more, apart from the routes; one that is missing here fails the test.
"""

import httpx2
import pytest

from domain.people.permissions import TENANT_ROLES, Permission
from tests.e2e.paths import (
    BODIES,
    BOOKING,
    CALLBACK,
    DOCUMENT,
    DRAFT,
    FULFILMENT_WEBHOOK,
    INBOUND,
    INVOICE,
    KYC,
    MAIL,
    MAIL_ACCOUNT,
    MAIL_RULE,
    ORDER,
    PRODUCT,
    PROMO_CODE,
    PUBLIC_BOOKING,
    PUBLIC_QUOTE,
    QUOTE,
    QUOTE_REQUEST,
    SERIES,
    SERVICE,
    SHOP,
    TEAM_MEMBER,
    TICKET,
)
from tests.stack.belongings import Belongings
from tests.stack.document import document
from tests.stack.people import People

P = Permission
PUBLIC, LOGGED_IN = "public", "logged in"
ROLES = ("client", "agent", "reviewer", "manager", "admin")
NEEDS: dict[tuple[str, str], str] = {
    ("POST", "/auth/login"): PUBLIC,
    ("POST", "/auth/refresh"): PUBLIC,
    ("POST", "/auth/register"): PUBLIC,
    ("POST", "/auth/verify-email"): PUBLIC,
    ("POST", "/auth/resend-verification"): PUBLIC,
    ("POST", "/auth/password/reset-request"): PUBLIC,
    ("POST", "/auth/password/reset"): PUBLIC,
    ("GET", "/demo/mailbox"): PUBLIC,
    ("GET", PUBLIC_QUOTE): PUBLIC,
    ("GET", f"{PUBLIC_QUOTE}/pdf"): PUBLIC,
    ("POST", f"{PUBLIC_QUOTE}/accept"): PUBLIC,
    ("POST", f"{PUBLIC_QUOTE}/decline"): PUBLIC,
    ("GET", PUBLIC_BOOKING): PUBLIC,
    ("GET", f"{PUBLIC_BOOKING}/ics"): PUBLIC,
    ("POST", f"{PUBLIC_BOOKING}/confirm"): PUBLIC,
    ("POST", f"{PUBLIC_BOOKING}/reschedule"): PUBLIC,
    ("POST", f"{PUBLIC_BOOKING}/cancel"): PUBLIC,
    ("GET", f"{SHOP}/services"): PUBLIC,
    ("GET", f"{SHOP}/availability"): PUBLIC,
    ("POST", f"{SHOP}/bookings"): PUBLIC,
    ("GET", f"{SHOP}/calendars/{{secret}}.ics"): PUBLIC,
    ("GET", f"{SHOP}/categories/products"): PUBLIC,
    ("GET", f"{SHOP}/products"): PUBLIC,
    ("GET", f"{SHOP}/products/compare"): PUBLIC,
    ("GET", f"{SHOP}{PRODUCT}"): PUBLIC,
    ("GET", f"{SHOP}{PRODUCT}/files/{{product_file_id}}"): PUBLIC,
    ("POST", f"{INBOUND}/sendgrid"): PUBLIC,
    ("POST", f"{INBOUND}/mailgun"): PUBLIC,
    ("POST", f"{INBOUND}/mailgun/mime"): PUBLIC,
    ("POST", "/auth/logout"): LOGGED_IN,
    ("POST", "/auth/logout-all"): LOGGED_IN,
    ("POST", "/auth/switch-tenant"): LOGGED_IN,
    ("GET", "/auth/sessions"): LOGGED_IN,
    ("DELETE", "/auth/sessions"): LOGGED_IN,
    ("DELETE", "/auth/sessions/{session_id}"): LOGGED_IN,
    ("GET", "/me"): LOGGED_IN,
    ("GET", "/find"): LOGGED_IN,
    ("GET", "/opening-hours"): LOGGED_IN,
    ("PATCH", "/me"): LOGGED_IN,
    ("PUT", "/me/password"): LOGGED_IN,
    ("GET", "/me/views"): P.TICKETS_READ,
    ("POST", "/me/views"): P.TICKETS_READ,
    ("GET", "/me/views/counts"): P.TICKETS_READ,
    ("GET", "/me/views/{view_id}"): P.TICKETS_READ,
    ("DELETE", "/me/views/{view_id}"): P.TICKETS_READ,
    ("GET", DRAFT): LOGGED_IN,
    ("PUT", DRAFT): LOGGED_IN,
    ("DELETE", DRAFT): LOGGED_IN,
    ("GET", "/users"): P.USERS_READ,
    ("POST", "/users"): P.USERS_WRITE,
    ("GET", "/users/{user_id}"): P.USERS_READ,
    ("PATCH", "/users/{user_id}"): P.USERS_WRITE,
    ("DELETE", "/users/{user_id}"): P.USERS_WRITE,
    ("GET", "/invitations"): P.USERS_READ,
    ("GET", "/invitations/{invitation_id}"): P.USERS_READ,
    ("POST", "/invitations/{invitation_id}/resend"): P.USERS_WRITE,
    ("DELETE", "/invitations/{invitation_id}"): P.USERS_WRITE,
    ("GET", "/permissions"): P.USERS_READ,
    ("GET", "/roles"): P.USERS_READ,
    ("POST", "/roles"): P.ROLES_WRITE,
    ("GET", "/roles/{role_id}"): P.USERS_READ,
    ("PUT", "/roles/{role_id}"): P.ROLES_WRITE,
    ("POST", "/roles/{role_id}/preview"): P.ROLES_WRITE,
    ("DELETE", "/roles/{role_id}"): P.ROLES_WRITE,
    ("GET", "/tenants"): P.TENANTS_READ,
    ("POST", "/tenants"): P.TENANTS_WRITE,
    ("GET", "/tenants/{tenant_id}"): P.TENANTS_READ,
    ("PATCH", "/tenants/{tenant_id}"): P.TENANTS_WRITE,
    ("POST", "/tenants/{tenant_id}/suspend"): P.TENANTS_WRITE,
    ("POST", "/tenants/{tenant_id}/activate"): P.TENANTS_WRITE,
    ("GET", "/customers"): P.CUSTOMERS_READ,
    ("POST", "/customers"): P.CUSTOMERS_WRITE,
    ("GET", "/customers/statistics"): P.CUSTOMERS_READ_ALL,
    ("GET", "/customers/{customer_id}"): P.CUSTOMERS_READ,
    ("PATCH", "/customers/{customer_id}"): P.CUSTOMERS_WRITE,
    ("DELETE", "/customers/{customer_id}"): P.CUSTOMERS_SUSPEND,
    ("POST", "/customers/{customer_id}/activate"): P.CUSTOMERS_ACTIVATE,
    ("POST", "/customers/{customer_id}/suspend"): P.CUSTOMERS_SUSPEND,
    ("GET", "/customers/{customer_id}/statistics"): P.CUSTOMERS_READ,
    ("GET", "/customers/{customer_id}/timeline"): P.CUSTOMERS_READ,
    ("GET", "/customers/{customer_id}/cases"): P.CUSTOMERS_READ,
    ("GET", "/tickets"): P.TICKETS_READ,
    ("POST", "/tickets"): P.TICKETS_OPEN,
    ("GET", TICKET): P.TICKETS_READ,
    ("PATCH", TICKET): P.TICKETS_EDIT,
    ("GET", f"{TICKET}/messages"): P.TICKETS_READ,
    ("GET", f"{TICKET}/messages/{{message_id}}"): P.TICKETS_READ,
    ("POST", f"{TICKET}/messages"): P.TICKETS_REPLY,
    ("POST", f"{TICKET}/status"): P.TICKETS_WORK,
    ("POST", f"{TICKET}/assign"): P.TICKETS_ASSIGN,
    ("POST", f"{TICKET}/transfer"): P.TICKETS_ASSIGN,
    ("POST", f"{TICKET}/priority"): P.TICKETS_WORK,
    ("POST", f"{TICKET}/close"): P.TICKETS_REPLY,
    ("POST", f"{TICKET}/reopen"): P.TICKETS_REOPEN,
    ("GET", f"{TICKET}/timeline"): P.TICKETS_READ,
    ("GET", f"{TICKET}/participants"): P.TICKETS_NOTE,
    ("POST", f"{TICKET}/participants"): P.TICKETS_WORK,
    ("DELETE", f"{TICKET}/participants/{{participant_id}}"): P.TICKETS_WORK,
    ("GET", f"{TICKET}/links"): P.TICKETS_NOTE,
    ("POST", f"{TICKET}/links/{{link_id}}/confirm"): P.TICKETS_WORK,
    ("DELETE", f"{TICKET}/links/{{link_id}}"): P.TICKETS_WORK,
    ("GET", f"{TICKET}/sla"): P.TICKETS_READ,
    ("GET", KYC): P.KYC_READ,
    ("GET", f"{KYC}/timeline"): P.KYC_READ,
    ("POST", f"{KYC}/documents"): P.KYC_SUBMIT,
    ("GET", DOCUMENT): P.KYC_READ,
    ("PATCH", DOCUMENT): P.KYC_SUBMIT,
    ("DELETE", DOCUMENT): P.KYC_SUBMIT,
    ("GET", f"{DOCUMENT}/download"): P.KYC_READ,
    ("GET", f"{DOCUMENT}/picture"): P.KYC_READ,
    ("POST", f"{KYC}/submit"): P.KYC_SUBMIT,
    ("POST", f"{KYC}/risk"): P.KYC_DECIDE,
    ("GET", "/waiting"): P.OPERATIONS_READ,
    ("GET", "/reviews"): P.REVIEWS_READ,
    ("GET", "/reviews/{task_id}"): P.REVIEWS_READ,
    ("POST", "/reviews/{task_id}/claim"): P.REVIEWS_DECIDE,
    ("POST", "/reviews/{task_id}/release"): P.REVIEWS_DECIDE,
    ("POST", "/reviews/{task_id}/decision"): P.REVIEWS_DECIDE,
    ("GET", "/settings"): P.SETTINGS_READ,
    ("PATCH", "/settings"): P.SETTINGS_WRITE,
    ("GET", "/calendars"): P.SETTINGS_READ,
    ("POST", "/calendars"): P.SETTINGS_WRITE,
    ("POST", "/calendars/preview"): P.SETTINGS_WRITE,
    ("GET", "/calendars/{calendar_id}"): P.SETTINGS_READ,
    ("PUT", "/calendars/{calendar_id}"): P.SETTINGS_WRITE,
    ("DELETE", "/calendars/{calendar_id}"): P.SETTINGS_WRITE,
    ("GET", "/sla-policies"): P.SETTINGS_READ,
    ("POST", "/sla-policies"): P.SETTINGS_WRITE,
    ("GET", "/sla-policies/{policy_id}"): P.SETTINGS_READ,
    ("PUT", "/sla-policies/{policy_id}"): P.SETTINGS_WRITE,
    ("DELETE", "/sla-policies/{policy_id}"): P.SETTINGS_WRITE,
    ("GET", "/categories"): P.TICKETS_READ,
    ("POST", "/categories"): P.SETTINGS_WRITE,
    ("GET", "/categories/{category_id}"): P.TICKETS_READ,
    ("PUT", "/categories/{category_id}"): P.SETTINGS_WRITE,
    ("DELETE", "/categories/{category_id}"): P.SETTINGS_WRITE,
    ("GET", "/groups"): P.SETTINGS_READ,
    ("POST", "/groups"): P.SETTINGS_WRITE,
    ("GET", "/groups/{group_id}"): P.SETTINGS_READ,
    ("PUT", "/groups/{group_id}"): P.SETTINGS_WRITE,
    ("DELETE", "/groups/{group_id}"): P.SETTINGS_WRITE,
    ("GET", "/products"): P.CATALOGUE_READ,
    ("POST", "/products"): P.CATALOGUE_WRITE,
    ("GET", "/products/compare"): P.CATALOGUE_READ,
    ("GET", "/products/statistics"): P.CATALOGUE_READ_ALL,
    ("GET", PRODUCT): P.CATALOGUE_READ,
    ("PATCH", PRODUCT): P.CATALOGUE_WRITE,
    ("DELETE", PRODUCT): P.CATALOGUE_WRITE,
    ("PUT", f"{PRODUCT}/images"): P.CATALOGUE_WRITE,
    ("PUT", f"{PRODUCT}/documents"): P.CATALOGUE_WRITE,
    ("GET", f"{PRODUCT}/files/{{product_file_id}}"): P.CATALOGUE_READ,
    ("POST", f"{PRODUCT}/variants"): P.CATALOGUE_WRITE,
    ("PATCH", f"{PRODUCT}/variants/{{variant_id}}"): P.CATALOGUE_WRITE,
    ("GET", f"{PRODUCT}/stock"): P.STOCK_READ,
    ("GET", f"{PRODUCT}/stock/movements"): P.STOCK_READ,
    ("POST", f"{PRODUCT}/stock/movements"): P.STOCK_WRITE,
    ("GET", "/stock"): P.STOCK_READ,
    ("GET", "/categories/products"): P.CATALOGUE_READ,
    ("POST", "/categories/products"): P.CATALOGUE_WRITE,
    ("GET", "/categories/products/{product_category_id}"): P.CATALOGUE_READ,
    ("PUT", "/categories/products/{product_category_id}"): P.CATALOGUE_WRITE,
    ("DELETE", "/categories/products/{product_category_id}"): P.CATALOGUE_WRITE,
    ("GET", "/bookings"): P.BOOKINGS_READ,
    ("POST", "/bookings"): P.BOOKINGS_BOOK,
    ("GET", "/bookings/export.csv"): P.BOOKINGS_READ,
    ("GET", BOOKING): P.BOOKINGS_READ,
    ("GET", f"{BOOKING}/timeline"): P.BOOKINGS_READ,
    ("GET", f"{BOOKING}/ics"): P.BOOKINGS_READ,
    ("POST", f"{BOOKING}/confirm"): P.BOOKINGS_BOOK,
    ("POST", f"{BOOKING}/reschedule"): P.BOOKINGS_BOOK,
    ("POST", f"{BOOKING}/cancel"): P.BOOKINGS_BOOK,
    ("POST", f"{BOOKING}/check-in"): P.BOOKINGS_WORK,
    ("POST", f"{BOOKING}/complete"): P.BOOKINGS_WORK,
    ("POST", f"{BOOKING}/no-show"): P.BOOKINGS_WORK,
    ("GET", "/booking-series"): P.BOOKINGS_READ,
    ("POST", "/booking-series"): P.BOOKINGS_BOOK,
    ("GET", SERIES): P.BOOKINGS_READ,
    ("GET", f"{SERIES}/timeline"): P.BOOKINGS_READ,
    ("GET", f"{SERIES}/skipped"): P.BOOKINGS_READ,
    ("POST", f"{SERIES}/cancel"): P.BOOKINGS_BOOK,
    ("GET", "/availability"): P.BOOKINGS_READ,
    ("POST", "/me/calendar"): P.BOOKINGS_READ,
    ("DELETE", "/me/calendar"): P.BOOKINGS_READ,
    ("GET", "/services"): P.BOOKINGS_READ,
    ("POST", "/services"): P.BOOKINGS_SET_UP,
    ("GET", SERVICE): P.BOOKINGS_READ,
    ("PATCH", SERVICE): P.BOOKINGS_SET_UP,
    ("DELETE", SERVICE): P.BOOKINGS_SET_UP,
    ("GET", "/team-members"): P.BOOKINGS_READ,
    ("POST", "/team-members"): P.BOOKINGS_SET_UP,
    ("GET", TEAM_MEMBER): P.BOOKINGS_READ,
    ("PATCH", TEAM_MEMBER): P.BOOKINGS_SET_UP,
    ("GET", "/promo-codes"): P.BOOKINGS_SET_UP,
    ("POST", "/promo-codes"): P.BOOKINGS_SET_UP,
    ("GET", PROMO_CODE): P.BOOKINGS_SET_UP,
    ("PATCH", PROMO_CODE): P.BOOKINGS_SET_UP,
    ("DELETE", PROMO_CODE): P.BOOKINGS_SET_UP,
    ("GET", "/me/reminders"): P.BOOKINGS_READ,
    ("PUT", "/me/reminders"): P.BOOKINGS_READ,
    ("GET", "/quotes"): P.QUOTES_READ,
    ("POST", "/quotes"): P.QUOTES_WRITE,
    ("POST", "/quotes/totals"): P.QUOTES_WRITE,
    ("GET", QUOTE): P.QUOTES_READ,
    ("PUT", QUOTE): P.QUOTES_WRITE,
    ("DELETE", QUOTE): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/submit"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/send"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/resend"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/withdraw"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/accept"): P.QUOTES_ACCEPT,
    ("POST", f"{QUOTE}/decline"): P.QUOTES_ACCEPT,
    ("POST", f"{QUOTE}/new-version"): P.QUOTES_WRITE,
    ("POST", f"{QUOTE}/convert"): P.ORDERS_PLACE,
    ("GET", f"{QUOTE}/versions"): P.QUOTES_READ,
    ("GET", f"{QUOTE}/timeline"): P.QUOTES_READ,
    ("GET", f"{QUOTE}/pdf"): P.QUOTES_READ,
    ("GET", "/invoices"): P.INVOICES_READ,
    ("POST", "/invoices"): P.INVOICES_WRITE,
    ("GET", INVOICE): P.INVOICES_READ,
    ("PUT", INVOICE): P.INVOICES_WRITE,
    ("POST", f"{INVOICE}/issue"): P.INVOICES_ISSUE,
    ("POST", f"{INVOICE}/send"): P.INVOICES_WRITE,
    ("POST", f"{INVOICE}/cancel"): P.INVOICES_CANCEL,
    ("GET", f"{INVOICE}/payments"): P.INVOICES_READ,
    ("POST", f"{INVOICE}/payments"): P.INVOICES_RECORD_PAYMENT,
    ("GET", f"{INVOICE}/timeline"): P.INVOICES_READ,
    ("GET", f"{INVOICE}/pdf"): P.INVOICES_READ,
    ("GET", f"{INVOICE}/credit-note/pdf"): P.INVOICES_READ,
    ("GET", "/quote-requests"): P.QUOTES_READ,
    ("POST", "/quote-requests"): P.QUOTES_REQUEST,
    ("GET", QUOTE_REQUEST): P.QUOTES_READ,
    ("POST", f"{QUOTE_REQUEST}/withdraw"): P.QUOTES_REQUEST,
    ("GET", f"{QUOTE_REQUEST}/timeline"): P.QUOTES_READ,
    ("GET", "/callbacks"): P.CALLBACKS_READ,
    ("POST", "/callbacks"): P.CALLBACKS_ASK,
    ("GET", CALLBACK): P.CALLBACKS_READ,
    ("GET", f"{CALLBACK}/timeline"): P.CALLBACKS_READ,
    ("POST", f"{CALLBACK}/plan"): P.CALLBACKS_WORK,
    ("GET", "/orders"): P.ORDERS_READ,
    ("POST", "/orders"): P.ORDERS_PLACE,
    ("GET", ORDER): P.ORDERS_READ,
    ("PATCH", ORDER): P.ORDERS_PLACE,
    ("GET", f"{ORDER}/timeline"): P.ORDERS_READ,
    ("POST", f"{ORDER}/cancel"): P.ORDERS_PLACE,
    ("POST", f"{ORDER}/deliver"): P.ORDERS_WORK,
    ("GET", f"{ORDER}/comments"): P.ORDERS_WORK,
    ("GET", f"{ORDER}/comments/{{comment_id}}"): P.ORDERS_WORK,
    ("POST", f"{ORDER}/comments"): P.ORDERS_WORK,
    ("GET", FULFILMENT_WEBHOOK): P.SETTINGS_WRITE,
    ("PUT", FULFILMENT_WEBHOOK): P.SETTINGS_WRITE,
    ("DELETE", FULFILMENT_WEBHOOK): P.SETTINGS_WRITE,
    ("POST", "/files"): P.FILES_WRITE,
    ("GET", "/files/{file_id}"): P.FILES_READ,
    ("DELETE", "/files/{file_id}"): P.FILES_WRITE,
    ("GET", "/files/{file_id}/meta"): P.FILES_READ,
    ("GET", "/commands/{command_id}"): P.COMMANDS_READ,
    ("GET", "/deliveries"): P.DELIVERIES_READ,
    ("GET", "/deliveries/{delivery_id}"): P.DELIVERIES_READ,
    ("POST", "/deliveries/{delivery_id}/retry"): P.DELIVERIES_RETRY,
    ("GET", "/mail/messages"): P.MAIL_READ,
    ("GET", MAIL): P.MAIL_READ,
    ("GET", f"{MAIL}/thread"): P.MAIL_READ,
    ("GET", f"{MAIL}/raw"): P.MAIL_RAW,
    ("GET", f"{MAIL}/attachments/{{place}}"): P.MAIL_RAW,
    ("POST", f"{MAIL}/spam"): P.MAIL_WORK,
    ("POST", f"{MAIL}/not-spam"): P.MAIL_WORK,
    ("POST", f"{MAIL}/accept"): P.MAIL_WORK,
    ("POST", f"{MAIL}/reprocess"): P.MAIL_WORK,
    ("DELETE", MAIL): P.MAIL_MANAGE,
    ("GET", "/mail/rules"): P.MAIL_READ,
    ("POST", "/mail/rules"): P.MAIL_MANAGE,
    ("PUT", "/mail/rules/order"): P.MAIL_MANAGE,
    ("POST", "/mail/rules/dry-run"): P.MAIL_MANAGE,
    ("GET", MAIL_RULE): P.MAIL_READ,
    ("PUT", MAIL_RULE): P.MAIL_MANAGE,
    ("DELETE", MAIL_RULE): P.MAIL_MANAGE,
    ("GET", "/mail/addresses"): P.MAIL_READ,
    ("PUT", "/mail/addresses"): P.MAIL_WORK,
    ("DELETE", "/mail/addresses/{address_id}"): P.MAIL_WORK,
    ("GET", "/mail/accounts"): P.MAIL_MANAGE,
    ("POST", "/mail/accounts"): P.MAIL_MANAGE,
    ("GET", MAIL_ACCOUNT): P.MAIL_MANAGE,
    ("PATCH", MAIL_ACCOUNT): P.MAIL_MANAGE,
    ("DELETE", MAIL_ACCOUNT): P.MAIL_MANAGE,
    ("POST", f"{MAIL_ACCOUNT}/test"): P.MAIL_MANAGE,
    ("POST", f"{MAIL_ACCOUNT}/pause"): P.MAIL_MANAGE,
    ("POST", f"{MAIL_ACCOUNT}/resume"): P.MAIL_MANAGE,
    ("POST", f"{MAIL_ACCOUNT}/sync"): P.MAIL_MANAGE,
    ("GET", "/audit"): P.AUDIT_READ,
    ("GET", "/audit/chain"): P.AUDIT_READ,
    ("GET", "/audit/me"): P.AUDIT_READ_OWN,
}

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
