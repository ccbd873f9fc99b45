"""What somebody of the demo has of everything, by the names that routes have for its id."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from hashlib import sha256
from uuid import uuid4

import httpx2

from tests.e2e import kyc_desk
from tests.stack.people import People
from tests.stack.waiting import eventually

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
VIEW = {"page": "tickets", "query": "mine=true"}
LINES = [{"name": "Mine", "quantity": 1, "unit_price": 100}]


@dataclass
class Belongings:
    """The ids of what somebody has, by the name of the path's parameter."""

    ids: dict[str, str]

    def path(self, path: str) -> str:
        return path.format_map(self.ids).removeprefix("/")


async def belongings(people: People, client: str, tenant: str) -> Belongings:
    """A ticket, a file, an identity document and a command of a customer, and its tenant's reviews, settings and
    people."""
    customer = await people.log_in(f"{client}@{tenant}.example")
    admin = await people.log_in(f"admin@{tenant}.example")
    key = str(uuid4())
    body = {"subject": "Mine", "body": "Mine"}
    opened = await customer.post("tickets", json=body)
    ticket = opened.json()
    file = (await customer.post("files", files={"file": ("mine.txt", b"Mine", "text/plain")})).json()
    me = (await customer.get("me")).json()
    # Customers see what is for sale, whoever they are: another customer's product is one that is not.
    product = {"sku": key, "name": "Mine", "unit_price": 100, "visible": client == "client"}
    product_id = (await admin.post("products", json=product)).json()["id"]
    form = {"sku": f"{key}-red", "name": "Mine"}
    variant = (await admin.post(f"products/{product_id}/variants", json=form)).json()["variants"][0]
    branch = {"name": "Mine", "slug": key}
    product_category = (await admin.post("categories/products", json=branch)).json()
    image = (await admin.post("files", files={"file": ("mine.png", PNG, "image/png")})).json()
    shown = await admin.put(f"products/{product_id}/images", json={"file_ids": [image["id"]]})
    assert shown.status_code == 200, shown.text
    set_up = await bookings_set_up(admin, key, client, tenant)
    booked = await booked_by(customer)
    request = (await customer.post("quote-requests", json={"description": "Mine"})).json()
    wish = {"phone": "+213550123456", "topic": "Mine"}
    callback = (await customer.post("callbacks", json=wish)).json()
    sold = (await admin.post("products", json=product | {"sku": f"{key}-sold", "visible": True})).json()["id"]
    order = await customer.post("orders", json={"lines": [{"product_id": sold, "quantity": 1}]})
    said = await admin.post(f"orders/{order.json()['id']}/comments", json={"body": "Mine"})
    asked = (await customer.get(f"tickets/{ticket['id']}/messages")).json()["items"][0]
    quote = (await admin.post("quotes", json={"customer_id": ticket["customer_id"], "lines": LINES})).json()
    for deed in ("submit", "send"):
        assert (await admin.post(f"quotes/{quote['id']}/{deed}")).status_code == 200
    invoice = (await admin.post("invoices", json={"customer_id": ticket["customer_id"], "lines": LINES})).json()
    assert (await admin.post(f"invoices/{invoice['id']}/issue")).status_code == 200
    # There is a credit note to read.
    assert (await admin.post(f"invoices/{invoice['id']}/cancel", json={"reason": "Mine"})).status_code == 200

    by_mail = await came_by_mail(customer, admin, ticket, tenant)

    invited = {"email": f"invited-{key}@people.example", "full_name": "Mine", "roles": ["client"]}
    invitation_id = (await admin.post("users", json=invited)).json()["id"]

    async def first(path: str) -> str:
        return str((await admin.get(path)).json()["items"][0]["id"])

    return Belongings(
        {
            "ticket_id": ticket["id"],
            "message_id": asked["id"],
            "comment_id": said.json()["id"],
            "customer_id": ticket["customer_id"],
            "product_id": product_id,
            "product_file_id": image["id"],
            "product_category_id": product_category["id"],
            "variant_id": variant["id"],
            **set_up,
            **booked,
            "secret": "no-such-secret-of-any-calendar",
            "tenant_slug": "no-such-company" if tenant == "globex" else tenant,
            "quote_id": quote["id"],
            "request_id": request["id"],
            "invoice_id": invoice["id"],
            "callback_id": callback["id"],
            "order_id": order.json()["id"],
            **by_mail,
            "mailbox_id": await first("mail/accounts"),
            "token": "no-such-token",
            "file_id": file["id"],
            "document_id": (await kyc_desk.hand_in(customer, me["customer"]["id"], "bank_statement"))["id"],
            "task_id": (await kyc_desk.submitted(admin))["id"],
            "form": "tickets/new",
            "command_id": opened.headers["Command-Id"],
            "user_id": me["user"]["id"],
            "invitation_id": invitation_id,
            "tenant_id": me["tenant"]["id"],
            "role_id": await first("roles"),
            "calendar_id": await first("calendars"),
            "policy_id": await first("sla-policies"),
            "category_id": await first("categories"),
            "group_id": await first("groups"),
            "delivery_id": await first(f"deliveries?case_id={quote['id']}"),
            "view_id": (await customer.post("me/views", json=VIEW | {"name": key})).json()["id"],
            "session_id": (await customer.get("auth/sessions")).json()[0]["id"],
        }
    )


async def came_by_mail(
    customer: httpx2.AsyncClient, admin: httpx2.AsyncClient, ticket: dict[str, str], tenant: str
) -> dict[str, str]:
    """A mail of a stranger's that a provider has brought and that names a ticket, which is linked to what the mail has
    opened; a rule, an address, and somebody who takes part in the ticket."""
    key = uuid4().hex
    mailbox = {"name": "Mine", "address": f"{key}@{tenant}.example", "source": "mailgun", "signing_key": key}
    made = await admin.post("mail/accounts", json=mailbox)
    assert made.status_code == 201, made.text
    address = f"mail/inbound/{made.json()['inbound_token']}/mailgun/mime"
    mail = EmailMessage()
    mail["From"], mail["To"] = f"{key}@stranger.example", mailbox["address"]
    mail["Subject"] = f"[{ticket['number']}] Mine"
    mail.set_content("Mine")
    mail.add_attachment(b"Mine", "text", "csv", filename="mine.csv")
    stamp = {"timestamp": str(int(datetime.now(UTC).timestamp())), "token": key}
    signature = hmac.new(key.encode(), "".join(stamp.values()).encode(), sha256).hexdigest()
    brought = await customer.post(address, data={**stamp, "signature": signature, "body-mime": bytes(mail).decode()})
    assert brought.status_code == 200, brought.text
    mail_id = brought.json()["mail_id"]

    async def link() -> str | None:
        links = (await admin.get(f"tickets/{ticket['id']}/links")).json()
        return links[0]["id"] if links else None

    link_id = await eventually(link, "the mail has opened a ticket that is linked", within=60, every=0.2)
    rule = await admin.post("mail/rules", json={"name": "Mine", "active": False, "choices": {"tag": "mine"}})
    listed = await admin.put("mail/addresses", json={"address": f"@{key}.example", "listed": "allowed"})
    person = await admin.post(f"tickets/{ticket['id']}/participants", json={"address": f"{key}@partner.example"})
    [place] = [part["place"] for part in (await admin.get(f"mail/messages/{mail_id}")).json()["attachments"]]
    ids = {"rule_id": rule, "address_id": listed, "participant_id": person}
    of_mail = {"mail_id": mail_id, "place": str(place), "link_id": link_id}
    return of_mail | {name: answer.json()["id"] for name, answer in ids.items()}


async def booked_by(customer: httpx2.AsyncClient) -> dict[str, str]:
    """A booking of a service of the demo, and a series of them."""
    # So many may be held for a customer, and tests that ran before have left some.
    for held in (await customer.get("bookings", params={"status": "held"})).json()["items"]:
        assert (await customer.post(f"bookings/{held['id']}/cancel", json={"reason": "Mine"})).status_code == 200
    services = {each["name"]: each["id"] for each in (await customer.get("services")).json()["items"]}
    since = datetime.now(UTC) + timedelta(days=2)
    stretch = {"from": since.isoformat(), "to": (since + timedelta(days=20)).isoformat()}

    async def first_free(service: str) -> dict[str, str]:
        query = {"service_id": services[service], **stretch}
        slot = (await customer.get("availability", params=query)).json()["slots"][0]
        return {"service_id": services[service], "start": slot["start"]}

    booking = await customer.post("bookings", json=await first_free("Consultation"))
    assert booking.status_code == 201, booking.text
    weekly = await first_free("Visit") | {"rule": "FREQ=WEEKLY;COUNT=2"}
    series = await customer.post("booking-series", json=weekly)
    assert series.status_code == 201, series.text
    return {"booking_id": booking.json()["id"], "series_id": series.json()["id"]}


async def bookings_set_up(admin: httpx2.AsyncClient, key: str, client: str, tenant: str) -> dict[str, str]:
    """A service, somebody who gives it and a code for it; another customer's are those that no customer sees."""
    hours = {"windows": [{"weekday": 0, "opens": "09:00", "closes": "17:00"}]}
    for_sale = client == "client"
    offered = {"name": key, "duration_minutes": 60, "base_price": 100, "bookable": for_sale, **hours}
    service_id = (await admin.post("services", json=offered)).json()["id"]
    nobody_yet = {"client": "reviewer", "client2": "reviewer2"}[client]
    staff = (await admin.get("users", params={"q": f"{nobody_yet}@{tenant}.example"})).json()["items"]
    joins = {"account_id": staff[0]["id"], "service_ids": [service_id], "active": for_sale, **hours}
    member = await admin.post("team-members", json=joins)
    assert member.status_code == 201, member.text
    promo = (await admin.post("promo-codes", json={"code": key, "percent_bp": 100})).json()
    return {"service_id": service_id, "team_member_id": member.json()["id"], "promo_code_id": promo["id"]}
