"""The paths of routes, and a valid body for each that takes one: so a refusal can only be about whose the thing is."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.stack.belongings import LINES

TICKET = "/tickets/{ticket_id}"
QUOTE = "/quotes/{quote_id}"
QUOTE_REQUEST = "/quote-requests/{request_id}"
CALLBACK = "/callbacks/{callback_id}"
ORDER = "/orders/{order_id}"
FULFILMENT_WEBHOOK = "/settings/fulfilment-webhook"
INVOICE = "/invoices/{invoice_id}"
PUBLIC_QUOTE = "/public/quotes/{token}"
SHOP = "/public/{tenant_slug}"
PRODUCT = "/products/{product_id}"
SERVICE = "/services/{service_id}"
BOOKING = "/bookings/{booking_id}"
SERIES = "/booking-series/{series_id}"
PUBLIC_BOOKING = "/public/bookings/{token}"
TEAM_MEMBER = "/team-members/{team_member_id}"
PROMO_CODE = "/promo-codes/{promo_code_id}"
KYC = "/customers/{customer_id}/kyc"
MAIL = "/mail/messages/{mail_id}"
INBOUND = "/mail/inbound/{token}"
MAIL_RULE = "/mail/rules/{rule_id}"
DRAFT = "/drafts/{form}"
MAIL_ACCOUNT = "/mail/accounts/{mailbox_id}"
DOCUMENT = f"{KYC}/documents/{{document_id}}"

_TARGETS = {
    priority: {"first_response_minutes": 60, "resolution_minutes": 600}
    for priority in ("low", "medium", "high", "urgent")
}

SOMEDAY = "2030-01-07T09:00:00Z"

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", "/users/{user_id}"): {"away": True},
    ("PUT", DRAFT): {"fields": {"body": "Mine"}},
    ("PUT", "/roles/{role_id}"): {"name": "Renamed", "permissions": []},
    ("POST", "/roles/{role_id}/preview"): {"name": "Renamed", "permissions": []},
    ("POST", "/calendars/preview"): {"name": "Renamed", "timezone": "UTC", "always_open": True},
    ("PATCH", "/customers/{customer_id}"): {"name": "Renamed"},
    ("POST", "/customers/{customer_id}/suspend"): {"reason": "Because"},
    ("PATCH", TICKET): {"subject": "Renamed"},
    ("POST", f"{TICKET}/messages"): {"body": "Hello"},
    ("POST", f"{TICKET}/status"): {"status": "on_hold"},
    ("POST", f"{TICKET}/assign"): {"assignee_id": None},
    ("POST", f"{TICKET}/transfer"): {"group_id": None},
    ("POST", f"{TICKET}/priority"): {"priority": "low"},
    ("POST", f"{TICKET}/reopen"): {"reason": "Because"},
    ("POST", f"{TICKET}/participants"): {"address": "partner@partner.example"},
    ("PUT", MAIL_RULE): {"name": "Renamed", "choices": {"spam": True}},
    ("PUT", "/mail/addresses"): {"address": "@spam.example", "listed": "blocked"},
    ("PUT", "/mail/rules/order"): {"rule_ids": []},
    ("POST", f"{KYC}/documents"): {"type": "bank_statement", "file_id": str(uuid4())},
    ("PATCH", DOCUMENT): {"country": "DZ"},
    ("POST", f"{KYC}/risk"): {"risk": "high", "reason": "Because"},
    ("POST", "/reviews/{task_id}/decision"): {"decision": "approve"},
    ("PUT", "/calendars/{calendar_id}"): {"name": "Renamed", "timezone": "UTC", "always_open": True},
    ("PUT", "/sla-policies/{policy_id}"): {"name": "Renamed", "calendar_id": str(uuid4()), "targets": _TARGETS},
    ("PUT", "/categories/{category_id}"): {"name": "Renamed"},
    ("PUT", "/groups/{group_id}"): {"name": "Renamed"},
    ("PATCH", PRODUCT): {"name": "Renamed"},
    ("PUT", f"{PRODUCT}/images"): {"file_ids": []},
    ("PUT", f"{PRODUCT}/documents"): {"file_ids": []},
    ("POST", f"{PRODUCT}/variants"): {"sku": "RED", "name": "Red"},
    ("PATCH", f"{PRODUCT}/variants/{{variant_id}}"): {"name": "Renamed"},
    ("POST", f"{PRODUCT}/stock/movements"): {"quantity": 1, "reason": "Because"},
    ("PUT", "/categories/products/{product_category_id}"): {"name": "Renamed", "slug": "renamed"},
    ("POST", f"{BOOKING}/reschedule"): {"start": SOMEDAY},
    ("POST", f"{BOOKING}/cancel"): {"reason": "Because"},
    ("POST", f"{SERIES}/cancel"): {"reason": "Because"},
    ("POST", f"{PUBLIC_BOOKING}/reschedule"): {"start": SOMEDAY},
    ("POST", f"{PUBLIC_BOOKING}/cancel"): {"reason": "Because"},
    ("POST", f"{SHOP}/bookings"): {
        "service_id": str(uuid4()),
        "start": SOMEDAY,
        "guest": {"name": "Somebody", "email": "somebody@new.example"},
    },
    ("PATCH", SERVICE): {"name": "Renamed"},
    ("PATCH", TEAM_MEMBER): {"name": "Renamed"},
    ("PATCH", PROMO_CODE): {"max_uses": 1},
    ("PUT", QUOTE): {"lines": LINES},
    ("PUT", INVOICE): {"lines": LINES},
    ("POST", f"{INVOICE}/cancel"): {"reason": "Because"},
    ("POST", f"{INVOICE}/payments"): {"amount": 1, "method": "cash", "paid_at": "2026-11-01T00:00:00Z"},
    ("POST", f"{QUOTE}/accept"): {"name": "Somebody"},
    ("POST", f"{QUOTE}/withdraw"): {"reason": "Because"},
    ("PATCH", "/tenants/{tenant_id}"): {"name": "Renamed"},
    ("POST", "/tenants/{tenant_id}/suspend"): {"reason": "Because"},
    ("POST", f"{QUOTE}/decline"): {"reason": "Because"},
    ("POST", f"{CALLBACK}/plan"): {"at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()},
    ("PATCH", MAIL_ACCOUNT): {"name": "Renamed"},
    ("PATCH", ORDER): {"notes": "Hello"},
    ("POST", f"{ORDER}/cancel"): {"reason": "Because"},
    ("POST", f"{ORDER}/deliver"): {},
    ("POST", f"{ORDER}/comments"): {"body": "Hello"},
    ("POST", f"{PUBLIC_QUOTE}/accept"): {"name": "Somebody"},
    ("POST", f"{PUBLIC_QUOTE}/decline"): {"reason": "Because"},
}
