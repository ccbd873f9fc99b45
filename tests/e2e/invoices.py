"""Steps of the tests about invoices."""

from datetime import UTC, datetime

import httpx2

from tests.e2e.desk import Json, read

LINES: list[Json] = [{"name": "A chair", "quantity": "2.5", "unit_price": 10_000}]
TOTAL = 297_50


async def write_invoice(author: httpx2.AsyncClient, customer: httpx2.AsyncClient, **given: object) -> Json:
    """A new draft, as the API answers it."""
    me = await read(customer, "me")
    answer = await author.post("invoices", json={"customer_id": me["customer"]["id"], "lines": LINES, **given})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def do(person: httpx2.AsyncClient, invoice: Json, deed: str, **body: object) -> Json:
    """A command on an invoice that must be taken."""
    answer = await person.post(f"invoices/{invoice['id']}/{deed}", json=body or None)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def payment(amount: int = TOTAL, **given: object) -> Json:
    """A payment that has just been made."""
    return {"amount": amount, "method": "bank_transfer", "paid_at": datetime.now(UTC).isoformat(), **given}
