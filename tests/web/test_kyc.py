"""Somebody hands in papers, one is rejected and replaced, and two people approve, in browsers without scripts."""

from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from tests.e2e.desk import token_mailed_to
from tests.stack.people import People
from tests.web.conftest import Arrive
from tests.web.visitor import Page, Visitor, saying
from web.http.languages import LANGUAGES

STEPS = {"identity": "passport", "proof_of_address": "proof_of_address"}


def photo() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (800, 600), "white").save(drawn, "JPEG")
    return drawn.getvalue()


def scan() -> bytes:
    drawn = BytesIO()
    canvas = Canvas(drawn)
    for page in range(3):
        canvas.drawString(100, 700, f"Page {page}")
        canvas.showPage()
    canvas.save()
    return drawn.getvalue()


async def hand_in(client: Visitor, name: str, content: bytes) -> Page:
    page = await client.open(f"/kyc/{name}")
    suffix = "pdf" if content.startswith(b"%PDF") else "jpg"
    kind = {"pdf": "application/pdf", "jpg": "image/jpeg"}[suffix]
    words = {"number": "X-1", "expires_on": "2040-01-01", "country": "DZ", "type": STEPS[name]}
    return await client.send(page, f"/kyc/{name}", files=[(f"{name}.{suffix}", content, kind)], **words)


async def newcomer(people: People, arrive: Arrive, language: str = "en") -> Visitor:
    """Somebody who has just registered, and proven the address."""
    email, password = f"nora-{uuid4().hex[:12]}@people.example", "Right-of-way-2026"
    words = {"tenant": "acme", "email": email, "password": password, "full_name": "Nora Newcomer"}
    assert (await people.nobody.post("auth/register", json=words)).status_code == 201
    token = await token_mailed_to(people, email)
    assert (await people.nobody.post("auth/verify-email", json={"token": token})).status_code == 200
    visitor = await arrive("", language)
    await visitor.log_in(email, password)
    return visitor


async def review_of(reviewer: Visitor, number: str) -> Page:
    """The task's page of an identity check."""
    inbox = await reviewer.open("/inbox")
    rows = [row for row in inbox.tree.cssselect("tbody tr") if number in row.text_content()]
    return await reviewer.open(rows[0].cssselect("a")[0].get("href"))


def verdicts(page: Page, rejected: str = "") -> dict[str, str]:
    """What becomes of each document: all approved but one."""
    words = {}
    for line in page.tree.cssselect(".verdicts li"):
        control = line.cssselect("input[type=radio]")[0].get("name")
        is_rejected = rejected and rejected in line.text_content()
        words[control] = "rejected" if is_rejected else "approved"
        if is_rejected:
            words[line.cssselect("textarea")[0].get("name")] = "The lower edge is cut off."
    return words


# In English it is told at a real browser without scripts.
@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {"en"}))
async def test_a_whole_story(people: People, arrive: Arrive, language: str) -> None:
    said = saying(language)
    client = await newcomer(people, arrive, language)
    page = await client.open("/kyc")
    assert said("We need one document from you.", "We need %(count)s documents from you.", 2) in page.text
    await hand_in(client, "identity", photo())
    page = await hand_in(client, "proof_of_address", scan())
    assert page.text.count(said("Handed in")) == 2
    page = await client.send(await client.open("/kyc/check"), "/kyc/check")
    assert said("You hear from us by") in page.text
    customer = page.tree.cssselect("[data-live]")[0].get("data-live")
    admin = await people.log_in("admin@acme.example")
    check = (await admin.get(f"customers/{customer}/kyc")).json()
    risky = {"risk": "high", "reason": "Tried"}
    assert (await admin.post(f"customers/{customer}/kyc/risk", json=risky)).status_code == 200

    reviewer = await arrive("reviewer@acme.example", language)
    task = await review_of(reviewer, check["number"])
    task = await reviewer.send(task, "/claim")
    assert said("You have it.") in task.text
    seen = [await reviewer.client.get(picture.get("src")) for picture in task.tree.cssselect(".paper img")]
    assert [picture.headers["content-type"] for picture in seen] == ["image/jpeg"] * 2
    refused = await reviewer.send(task, "/decision", decision="approve", **verdicts(task, said("Passport")))
    assert refused.status == 422
    assert said("A case cannot be approved while one of its documents is rejected.") in refused.one(".notice.refused")
    assert "The lower edge is cut off." in [area.text.strip() for area in refused.tree.cssselect("textarea")]
    task = await reviewer.send(refused, "/decision", decision="request_changes", reason="Once more, please.")
    assert said("Changes were asked for") in task.text

    page = await client.open("/kyc")
    assert said("Something has to be replaced.") in page.text
    assert "The lower edge is cut off." in page.text
    await hand_in(client, "identity", photo())
    await client.send(await client.open("/kyc/check"), "/kyc/check")
    first = said("%(given)s of %(needed)s approvals given.", given=1, needed=2)
    for email, then in (("reviewer@acme.example", first), ("reviewer2@acme.example", said("Approved"))):
        somebody = await arrive(email, language)
        task = await review_of(somebody, check["number"])
        task = await somebody.send(task, "/decision", decision="approve", **verdicts(task))
        assert then in task.one(".waits")
    assert said("All is approved; nothing is left to do.") in (await client.open("/kyc")).text


async def test_each_opening_of_a_paper_is_in_the_audit_once(people: People, arrive: Arrive) -> None:
    client = await newcomer(people, arrive)
    await hand_in(client, "identity", photo())
    await hand_in(client, "proof_of_address", scan())
    page = await client.send(await client.open("/kyc/check"), "/kyc/check")
    customer = page.tree.cssselect("[data-live]")[0].get("data-live")
    admin = await people.log_in("admin@acme.example")
    number = (await admin.get(f"customers/{customer}/kyc")).json()["number"]
    reviewer = await arrive("reviewer@acme.example")
    task = await review_of(reviewer, number)
    for picture in task.tree.cssselect(".paper img"):
        assert (await reviewer.client.get(picture.get("src"))).status_code == 200
    seen = (await admin.get("audit", params={"action": "kyc_document.seen", "limit": 200})).json()["items"]
    assert len([entry for entry in seen if entry["detail"]["customer_id"] == customer]) == 2
