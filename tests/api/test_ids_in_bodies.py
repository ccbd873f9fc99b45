"""Every id that a body can hold is somebody's of the tenant, or the answer names its field.

The bodies are declared here once more, apart from the routes; a field of the document that is missing here fails the
test.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from uuid_utils.compat import uuid7

from domain.mail.states import Source
from domain.orders.rules import OrderStatus
from models.bookings import Booking
from models.catalogue import Product, ProductCategory, ProductVariant
from models.files import StoredFile
from models.invoices import Invoice
from models.mail import MailAccount, MailRule
from models.orders import Order, OrderContent
from models.quote_requests import QuoteRequest
from models.quotes import Quote
from models.services import PromoCode, Service, TeamMember
from models.sla import Calendar, SlaPolicy
from models.tickets import AgentGroup, Ticket, TicketCategory
from ops.demo.people import TARGETS
from stores.bookings.links import booking_token
from tests.api.house import Company, House, Person
from tests.stack.document import document

TICKET = {"subject": "A subject", "body": "A body"}
LINE = {"name": "Oak", "quantity": 1, "unit_price": 100}
POLICY = {"name": "Other", "targets": TARGETS}
WRITTEN = {"customer_id": "{own_customer}", "lines": [LINE]}
QUOTE = {"lines": [LINE]}
DOCUMENT = {"type": "passport", "expires_on": "2031-01-01"}
REQUEST = {"description": "A table"}
PIECE = {"product_id": "{own_product}", "quantity": 1}
ORDERED = {"lines": [{"quantity": 1}]}
MOVED = {"quantity": 1, "reason": "Came"}
BRANCH = {"name": "Chairs", "slug": "chairs"}
SOLD = {"sku": "B", "name": "B", "unit_price": 1}
HOURS = [{"weekday": 0, "opens": "09:00", "closes": "17:00"}]
MEMBER = {"account_id": "{own_person}", "windows": HOURS}
SOMEDAY = "2030-01-07T09:00:00Z"
BOOKED = {"service_id": "{own_service}", "start": SOMEDAY}
GUEST = {"start": SOMEDAY, "guest": {"name": "Somebody", "email": "somebody@new.example"}}
RECURS = {**BOOKED, "rule": "FREQ=DAILY"}
PROMO = {"code": "ANY", "percent_bp": 100}
HOURLESS = {"name": "Other", "timezone": "UTC", "always_open": True}
MAILBOX = {"name": "Ours", "address": "us@ours.example", "source": "mailgun", "signing_key": "a key"}
PERSON = {"email": "somebody@new.example", "full_name": "Somebody", "roles": ["client"]}

BODIES: dict[tuple[str, str, str], tuple[str, dict[str, Any], str]] = {
    ("post", "/tickets", "category_id"): ("client", TICKET, "category"),
    ("post", "/tickets", "customer_id"): ("admin", TICKET, "customer"),
    ("post", "/tickets", "file_ids.0"): ("client", TICKET, "file"),
    ("patch", "/tickets/{ticket_id}", "category_id"): ("admin", {}, "category"),
    ("post", "/tickets/{ticket_id}/messages", "file_ids.0"): ("admin", {"body": "A reply"}, "file"),
    ("post", "/tickets/{ticket_id}/assign", "assignee_id"): ("admin", {}, "person"),
    ("post", "/tickets/{ticket_id}/transfer", "group_id"): ("admin", {}, "group"),
    ("post", "/customers", "sla_policy_id"): ("admin", {"type": "individual", "name": "Ada"}, "policy"),
    ("patch", "/customers/{customer_id}", "sla_policy_id"): ("admin", {}, "policy"),
    ("post", "/customers/{customer_id}/kyc/documents", "file_id"): ("client", DOCUMENT, "file"),
    ("post", "/customers/{customer_id}/kyc/documents", "file_ids.0"): ("client", DOCUMENT, "file"),
    ("post", "/quotes", "customer_id"): ("admin", QUOTE, "customer"),
    ("post", "/quotes", "request_id"): ("admin", WRITTEN, "request"),
    ("post", "/quotes", "lines.0.product_id"): ("admin", WRITTEN, "product"),
    ("post", "/quotes/totals", "lines.0.product_id"): ("admin", QUOTE, "product"),
    ("put", "/quotes/{quote_id}", "lines.0.product_id"): ("admin", QUOTE, "product"),
    ("post", "/quote-requests", "product_ids.0"): ("client", REQUEST, "product"),
    ("post", "/quote-requests", "file_ids.0"): ("client", REQUEST, "file"),
    ("post", "/orders", "customer_id"): (
        "admin",
        {"lines": [{"product_id": "{own_product}", "quantity": 1}]},
        "customer",
    ),
    ("post", "/orders", "quote_id"): ("client", {}, "quote"),
    ("post", "/orders", "lines.0.product_id"): ("client", ORDERED, "product"),
    ("post", "/orders", "lines.0.variant_id"): ("client", ORDERED, "variant"),
    ("patch", "/orders/{order_id}", "lines.0.product_id"): ("client", ORDERED, "product"),
    ("patch", "/orders/{order_id}", "lines.0.variant_id"): ("client", ORDERED, "variant"),
    ("post", "/invoices", "customer_id"): ("admin", QUOTE, "customer"),
    ("post", "/invoices", "order_id"): ("admin", WRITTEN, "order"),
    ("post", "/invoices", "quote_id"): ("admin", WRITTEN, "quote"),
    ("post", "/invoices", "lines.0.product_id"): ("admin", WRITTEN, "product"),
    ("put", "/invoices/{invoice_id}", "lines.0.product_id"): ("admin", QUOTE, "product"),
    ("post", "/products", "category_id"): ("admin", SOLD, "branch"),
    ("patch", "/products/{product_id}", "category_id"): ("admin", {}, "branch"),
    ("put", "/products/{product_id}/images", "file_ids.0"): ("admin", {}, "file"),
    ("put", "/products/{product_id}/documents", "file_ids.0"): ("admin", {}, "file"),
    ("post", "/products/{product_id}/stock/movements", "variant_id"): ("admin", MOVED, "variant"),
    ("post", "/categories/products", "parent_id"): ("admin", BRANCH, "branch"),
    ("put", "/categories/products/{product_category_id}", "parent_id"): ("admin", BRANCH, "branch"),
    ("post", "/bookings", "service_id"): ("client", {"start": SOMEDAY}, "service"),
    ("post", "/bookings", "team_member_id"): ("client", BOOKED, "team_member"),
    ("post", "/bookings", "customer_id"): ("admin", BOOKED, "customer"),
    ("post", "/bookings/{booking_id}/reschedule", "team_member_id"): ("client", {"start": SOMEDAY}, "team_member"),
    ("post", "/public/bookings/{token}/reschedule", "team_member_id"): ("client", {"start": SOMEDAY}, "team_member"),
    ("post", "/public/{tenant_slug}/bookings", "service_id"): ("client", GUEST, "service"),
    ("post", "/public/{tenant_slug}/bookings", "team_member_id"): ("client", BOOKED | GUEST, "team_member"),
    ("post", "/booking-series", "service_id"): ("client", {"start": SOMEDAY, "rule": "FREQ=DAILY"}, "service"),
    ("post", "/booking-series", "team_member_id"): ("client", RECURS, "team_member"),
    ("post", "/booking-series", "customer_id"): ("admin", RECURS, "customer"),
    ("post", "/team-members", "account_id"): ("admin", {"windows": HOURS}, "person"),
    ("post", "/team-members", "service_ids.0"): ("admin", MEMBER, "service"),
    ("patch", "/team-members/{team_member_id}", "service_ids.0"): ("admin", {}, "service"),
    ("post", "/promo-codes", "service_ids.0"): ("admin", PROMO, "service"),
    ("patch", "/promo-codes/{promo_code_id}", "service_ids.0"): ("admin", {}, "service"),
    ("post", "/users", "customer_id"): ("admin", PERSON, "customer"),
    ("patch", "/users/{user_id}", "customer_id"): ("admin", {}, "customer"),
    ("post", "/calendars/preview", "calendar_id"): ("admin", HOURLESS, "calendar"),
    ("post", "/sla-policies", "calendar_id"): ("admin", POLICY, "calendar"),
    ("put", "/sla-policies/{policy_id}", "calendar_id"): ("admin", POLICY, "calendar"),
    ("post", "/categories", "sla_policy_id"): ("admin", {"name": "Other"}, "policy"),
    ("put", "/categories/{category_id}", "sla_policy_id"): ("admin", {"name": "Other"}, "policy"),
    ("post", "/groups", "member_ids.0"): ("admin", {"name": "Other"}, "person"),
    ("put", "/groups/{group_id}", "member_ids.0"): ("admin", {"name": "Other"}, "person"),
    ("post", "/mail/accounts", "category_id"): ("admin", MAILBOX, "category"),
    ("post", "/mail/accounts", "group_id"): ("admin", MAILBOX, "group"),
    ("patch", "/mail/accounts/{mailbox_id}", "category_id"): ("admin", {}, "category"),
    ("patch", "/mail/accounts/{mailbox_id}", "group_id"): ("admin", {}, "group"),
    ("post", "/mail/rules", "choices.category_id"): ("admin", {"name": "Any"}, "category"),
    ("post", "/mail/rules", "choices.group_id"): ("admin", {"name": "Any"}, "group"),
    ("put", "/mail/rules/{rule_id}", "choices.category_id"): ("admin", {"name": "Any"}, "category"),
    ("put", "/mail/rules/{rule_id}", "choices.group_id"): ("admin", {"name": "Any"}, "group"),
}
"""By method, path and field: who asks, what else the body holds, and what the field names."""

OTHERWISE = {
    ("post", "/mail/rules/dry-run", "rules.0.choices.category_id"),
    ("post", "/mail/rules/dry-run", "rules.0.choices.group_id"),
    ("put", "/mail/rules/order", "rule_ids.0"),
}
"""A dry run refers to nothing, and an order that is not of all rules there are is a conflict."""


@dataclass
class Belongings:
    """One thing of every kind, of one tenant, by its kind."""

    admin: Person
    client: Person
    ids: dict[str, UUID]
    public: dict[str, str]

    def body(self, given: dict[str, Any]) -> dict[str, Any]:
        """The body as this tenant would send it."""
        own = {name: self.client.customer_id if value == "{own_customer}" else value for name, value in given.items()}
        written = json.dumps(own)
        for kind in ("product", "person", "service"):
            written = written.replace(f"{{own_{kind}}}", str(self.ids[kind]))
        return json.loads(written)

    def path(self, path: str) -> str:
        for kind, name in (("ticket", "ticket_id"), ("quote", "quote_id"), ("policy", "policy_id")):
            path = path.replace(f"{{{name}}}", str(self.ids[kind]))
        for kind, name in (("category", "category_id"), ("group", "group_id"), ("person", "user_id")):
            path = path.replace(f"{{{name}}}", str(self.ids[kind]))
        for kind in ("order", "invoice", "product", "team_member", "promo_code", "booking", "mailbox", "rule"):
            path = path.replace(f"{{{kind}_id}}", str(self.ids[kind]))
        for name, value in self.public.items():
            path = path.replace(f"{{{name}}}", value)
        path = path.replace("{product_category_id}", str(self.ids["branch"]))
        return path.replace("{customer_id}", self.client.customer_id)


async def _belongings(house: House, company: Company) -> Belongings:
    """A tenant with one of everything. Cases are rows only: no command of this test gets as far as the engine."""
    client = await company.register()
    tenant_id, customer_id = UUID(company.admin.me["tenant"]["id"]), UUID(client.customer_id)
    of_tenant, of_client = {"tenant_id": tenant_id}, {"tenant_id": tenant_id, "customer_id": customer_id}
    alive = {"version": 1, "number": "N-1"}
    calendar = Calendar(**of_tenant, name="Always", timezone="UTC", always_open=True, windows=[])
    policy = SlaPolicy(
        **of_tenant, name="Gold", calendar_id=calendar.id, targets=TARGETS, warn_percent=75, escalations=[]
    )
    category = TicketCategory(**of_tenant, name="General")
    group = AgentGroup(**of_tenant, name="First line")
    product = Product(**of_tenant, sku="A", name="A", unit_price=1, currency="EUR", tax_rate_bp=0, stock_tracked=True)
    variant = ProductVariant(**of_tenant, product_id=product.id, position=1, sku="A-1", name="Red")
    branch = ProductCategory(**of_tenant, name="All", slug="all")
    ticket = Ticket(**of_client, **alive, subject="A", requester_id=UUID(client.id))
    request = QuoteRequest(**of_client, **alive, requester_id=UUID(client.id), description="A table")
    quote_id = uuid7()
    quote = Quote(
        **of_client, **alive, id=quote_id, root_id=quote_id, author_id=UUID(client.id), currency="EUR", locale="en"
    )
    written = {"currency": "EUR", "locale": "en"}
    content_id = uuid7()
    order = Order(
        **of_client, **alive, **written, requester_id=UUID(client.id), content_id=content_id, status=OrderStatus.REQUEST
    )
    free = {"subtotal": 0, "discount": 0, "taxable": 0, "tax": 0, "total": 0}
    content = OrderContent(**of_tenant, **free, id=content_id, order_id=order.id)
    invoice = Invoice(**of_client, **alive, **written, author_id=UUID(client.id))
    service = Service(
        **of_tenant,
        name="Visit",
        timezone="UTC",
        duration_minutes=60,
        slot_minutes=60,
        windows=[],
        booking_types=["standard", "recurring"],
        currency="EUR",
        base_price=1,
    )
    member = TeamMember(
        **of_tenant,
        account_id=UUID(company.admin.id),
        name="Ada",
        timezone="UTC",
        windows=[{"weekday": 0, "opens": 540, "closes": 1020}],
    )
    when = {"starts_at": datetime(2030, 1, 7, 8, tzinfo=UTC), "ends_at": datetime(2030, 1, 7, 9, tzinfo=UTC)}
    booked = {"service_id": service.id, "team_member_id": member.id, "currency": "EUR", "total": 1}
    booking = Booking(**of_client, **alive, **when, **booked)
    promo = PromoCode(**of_tenant, code="OURS", percent_bp=100)
    mailbox = MailAccount(**of_tenant, name="Ours", source=Source.MAILGUN, size_limit=1)
    rule = MailRule(**of_tenant, name="Any", place=0, conditions=[], choices={"spam": True})
    file = StoredFile(**of_tenant, uploader_id=UUID(client.id), key=str(uuid7()), name="a.pdf")
    named = {
        "calendar": calendar,
        "policy": policy,
        "category": category,
        "group": group,
        "product": product,
        "variant": variant,
        "branch": branch,
        "ticket": ticket,
        "request": request,
        "quote": quote,
        "order": order,
        "content": content,
        "invoice": invoice,
        "service": service,
        "team_member": member,
        "booking": booking,
        "promo_code": promo,
        "mailbox": mailbox,
        "rule": rule,
        "file": file,
    }
    async with house.database.transaction(tenant_id) as session:
        for row in named.values():
            session.add(row)
            await session.flush()
    ids = {kind: row.id for kind, row in named.items()}
    token = booking_token(house.signed, tenant_id, booking.id, ends_at=booking.ends_at)
    ids |= {"customer": customer_id, "person": UUID((await company.member("agent")).id)}
    return Belongings(company.admin, client, ids, {"tenant_slug": company.slug, "token": token})


@pytest.fixture(scope="module")
async def ours(house: House, company: Company) -> Belongings:
    return await _belongings(house, company)


@pytest.fixture(scope="module")
async def theirs(house: House, other_company: Company) -> Belongings:
    return await _belongings(house, other_company)


def _uuids(document: dict[str, Any], schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """The places in a schema at which a UUID stands."""
    if reference := schema.get("$ref"):
        yield from _uuids(document, document["components"]["schemas"][reference.rpartition("/")[2]], path)
    if schema.get("format") == "uuid":
        yield ".".join(path)
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _uuids(document, one, path)
    for name, part in schema.get("properties", {}).items():
        yield from _uuids(document, part, (*path, name))
    if "items" in schema:
        yield from _uuids(document, schema["items"], (*path, "0"))
    if isinstance(values := schema.get("additionalProperties"), dict):
        yield from _uuids(document, values, (*path, "*"))


def test_no_field_is_missing() -> None:
    described = document()
    found = {
        (method, path.removeprefix("/api/v1"), field)
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        for field in _uuids(described, content["schema"])
    }
    assert found == set(BODIES) | OTHERWISE


def _with(body: dict[str, Any], field: str, identity: UUID) -> dict[str, Any]:
    name, *rest = field.split(".")
    match rest:
        case []:
            return body | {name: str(identity)}
        case ["0"]:
            return body | {name: [str(identity)]}
        case [inner]:
            return body | {name: {inner: str(identity)}}
        case _:
            return body | {name: [body[name][0] | {rest[-1]: str(identity)}]}


@pytest.mark.parametrize("place", BODIES, ids=" ".join)
async def test_an_id_of_nobody_or_of_another_tenant_is_refused_by_its_field(
    ours: Belongings, theirs: Belongings, place: tuple[str, str, str]
) -> None:
    method, path, field = place
    who, given, kind = BODIES[place]
    http = (ours.admin if who == "admin" else ours.client).http
    for identity in (uuid4(), theirs.ids[kind]):
        answer = await http.request(method, ours.path(path), json=_with(ours.body(given), field, identity))
        assert _refused_fields(answer) == [field]


@pytest.mark.parametrize("method", ["post", "put"])
async def test_an_escalation_goes_to_a_role_or_group_of_the_tenant(
    ours: Belongings, theirs: Belongings, method: str
) -> None:
    path = "/sla-policies" + ("/{policy_id}" if method == "put" else "")
    first = {"clock": "resolution", "action": "notify_role", "target": "manager", "minutes_after_breach": 0}
    for action, target in (
        ("notify_role", "nobody"),
        ("notify_role", str(ours.ids["group"])),
        ("reassign_group", str(uuid4())),
        ("reassign_group", str(theirs.ids["group"])),
        ("reassign_group", "manager"),
    ):
        step = first | {"action": action, "target": target}
        body = POLICY | {"calendar_id": str(ours.ids["calendar"]), "escalations": [first, step]}
        answer = await ours.admin.http.request(method, ours.path(path), json=body)
        assert _refused_fields(answer) == ["escalations.1.target"], (action, target)


def _refused_fields(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [error["field"] for error in answer.json()["errors"]]
