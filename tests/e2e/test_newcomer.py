"""Somebody new: from registering to the first ticket, with the mail that really goes out."""

from uuid import uuid4

import httpx2

from tests.e2e.desk import token_mailed_to
from tests.stack.people import People
from tests.stack.running_stack import RunningStack

PASSWORD = "Right-of-way-2026"


async def test_registers_confirms_the_address_and_opens_a_ticket(stack: RunningStack, people: People) -> None:
    email = f"newcomer-{uuid4().hex[:8]}@people.example"
    body = {"tenant": "globex", "email": email, "password": PASSWORD, "full_name": "Nora Newcomer"}
    assert (await people.nobody.post("auth/register", json=body)).status_code == 201

    login = (await people.nobody.post("auth/login", json={"email": email, "password": PASSWORD})).json()
    headers = {"Authorization": f"Bearer {login['access_token']}"}
    async with httpx2.AsyncClient(base_url=f"{stack.address}/api/v1/", headers=headers, timeout=30) as nora:
        ticket = {"subject": "Hello", "body": "It is me"}
        assert (await nora.post("tickets", json=ticket)).status_code == 403

        token = await token_mailed_to(people, email)
        assert (await people.nobody.post("auth/verify-email", json={"token": token})).status_code == 200

        opened = await nora.post("tickets", json=ticket)
        assert opened.status_code in (201, 202), opened.text
