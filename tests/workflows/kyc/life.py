"""Steps of the tests: the identity check of a new customer of acme, over HTTP."""

import itertools
import re
from datetime import timedelta
from typing import Any

import httpx2

from tests.stack.mails import text_of
from tests.workflows.world import PASSWORD, Life, World, eventually

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
TOKEN = re.compile(r"\?token=(eyJ[\w.-]+)")

_customers = itertools.count(1)


class KycLife(Life):
    """`person` speaks for the customer."""

    kind = "kyc"
    path = "/customers/{}/kyc"

    def __init__(self, world: World, customer_id: str, person: str) -> None:
        super().__init__(world, {"id": customer_id, "number": "unknown"})
        self.person = person

    async def hand_in(self, document: str, by: str | None = None, **given: Any) -> dict[str, Any]:
        """A document that must be taken."""
        answer = await self.tries_to_hand_in(document, by, **given)
        assert answer.status_code == 201, answer.text
        self.number = (await self.read())["number"]
        return answer.json()

    async def tries_to_hand_in(self, document: str, by: str | None = None, **given: Any) -> httpx2.Response:
        """A document that may be refused."""
        http = await self.world.person(by or self.person)
        file = await http.post("/files", files={"file": ("Canary.pdf", PDF, "application/pdf")})
        assert file.status_code == 201, file.text
        body = {"type": document, "file_id": file.json()["id"], "number": "Canary 42"} | given
        return await http.post(f"{self.url}/documents", json=body)

    async def submits(self, **given: Any) -> httpx2.Response:
        """The documents go to the reviewers."""
        return await self.does(self.person, "submit", **given)

    async def task(self, kind: str = "kyc_review") -> dict[str, Any]:
        """The newest task of the case."""
        return (await self.tasks(kind=kind))[0]

    async def decides(self, who: str, decision: str = "approve", **given: Any) -> httpx2.Response:
        """A reviewer's decision."""
        task = await self.task()
        http = await self.world.person(who)
        return await http.post(f"/reviews/{task['id']}/decision", json={"decision": decision} | given)

    async def customer(self) -> dict[str, Any]:
        """The customer's own row."""
        return (await (await self.world.person("agent")).get(f"/customers/{self.id}")).json()

    async def skips(self, duration: timedelta) -> None:
        """A long time passes at once, in which little falls due."""
        await self.world.pass_time(self.case, duration)


async def new_customer(world: World, **corporate: Any) -> KycLife:
    """Somebody who has registered; with a `company_name` for a corporate customer that is made for them."""
    local_part = f"newcomer{next(_customers)}"
    email = f"{local_part}@acme.example"
    nobody = await world.visitor()
    body = {"tenant": "acme", "email": email, "password": PASSWORD, "full_name": "Canary Newcomer"}
    assert (await nobody.post("/auth/register", json=body)).status_code == 201

    async def token() -> list[str]:
        texts = [text_of(mail) for mail in world.postbox.mails if mail["To"] == email]
        return [found[1] for text in texts if (found := TOKEN.search(text))]

    [verify] = await eventually(token, bool)
    assert (await nobody.post("/auth/verify-email", json={"token": verify})).status_code == 200
    me = (await (await world.person(local_part)).get("/me")).json()
    customer_id = me["customer"]["id"]
    if corporate:
        admin = await world.person("admin")
        made = await admin.post("/customers", json={"type": "corporate"} | corporate)
        assert made.status_code == 201, made.text
        customer_id = made.json()["id"]
        moved = await admin.patch(f"/users/{me['user']['id']}", json={"customer_id": customer_id})
        assert moved.status_code == 200, moved.text
    return KycLife(world, customer_id, local_part)
