"""Steps of the tests about identity checks."""

from io import BytesIO
from typing import Any

import httpx2
from reportlab.pdfgen.canvas import Canvas

from tests.e2e.desk import Json, read


def _page() -> bytes:
    drawn = BytesIO()
    canvas = Canvas(drawn)
    canvas.drawString(72, 720, "A document")
    canvas.save()
    return drawn.getvalue()


PDF = _page()


async def new_customer(staff: httpx2.AsyncClient, **given: Any) -> Json:
    """A customer whose identity is unknown."""
    answer = await staff.post("customers", json={"type": "individual", "name": "Newcomer"} | given)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def hand_in(person: httpx2.AsyncClient, customer_id: str, document: str, **given: Any) -> Json:
    """A document that must be taken."""
    file = await person.post("files", files={"file": (f"{document}.pdf", PDF, "application/pdf")})
    assert file.status_code == 201, file.text
    body = {"type": document, "file_id": file.json()["id"]} | given
    answer = await person.post(f"customers/{customer_id}/kyc/documents", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def submitted(admin: httpx2.AsyncClient, **given: Any) -> Json:
    """The review of a new customer, whose documents the administrator has handed in."""
    customer_id = (await new_customer(admin, **given))["id"]
    for document in ("passport", "proof_of_address"):
        await hand_in(admin, customer_id, document)
    answer = await admin.post(f"customers/{customer_id}/kyc/submit")
    assert answer.status_code == 200, answer.text
    return await review_of(admin, customer_id)


async def review_of(staff: httpx2.AsyncClient, customer_id: str) -> Json:
    """The newest task of a customer's identity check."""
    (newest,) = (await read(staff, "reviews", case_id=customer_id, sort="-opened_at", limit=1))["items"]
    return newest
