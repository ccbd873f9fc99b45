"""A client that a tool has made of the API's document tells the stories of the README."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.stack.running_stack import RunningStack

PACKAGE = "casewright_client"
CONFIG = """
post_hooks: []
content_type_overrides:
  application/pdf: application/octet-stream
  image/jpeg: application/octet-stream
  text/calendar: text/plain
  text/csv: text/plain
"""
PASSWORD = "Casewright-demo-2026!"
SCAN = b"%PDF-1.7\n%%EOF\n"


class Person:
    """Somebody with the client: logged in, when there is a token."""

    def __init__(self, address: str, token: str | None = None) -> None:
        made = import_module(PACKAGE)
        self._client = made.AuthenticatedClient(address, token=token) if token else made.Client(address)

    def ask(self, operation: str, *ids: Any, **given: Any) -> Any:
        """What an operation answers, as an object; `tickets.open_ticket` is its tag and its name."""
        answer = self.answer(operation, *ids, **given)
        assert answer.status_code < HTTPStatus.MULTIPLE_CHOICES, answer.content
        return answer.parsed

    def answer(self, operation: str, *ids: Any, **given: Any) -> Any:
        """The whole answer."""
        return import_module(f"{PACKAGE}.api.{operation}").sync_detailed(*ids, client=self._client, **given)


def model(name: str, /, **fields: Any) -> Any:
    """An object of the client."""
    return getattr(import_module(f"{PACKAGE}.models"), name)(**fields)


@pytest.fixture(scope="module")
def made(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The client, to be imported. What the tool does not understand of the document it says."""
    folder = tmp_path_factory.mktemp("client")
    document, config = folder / "openapi.json", folder / "config.yml"
    document.write_text(requests.get(f"{stack.address}/api/v1/openapi.json", timeout=30).text)
    config.write_text(CONFIG)
    tool = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    files = ["--path", str(document), "--config", str(config), "--output-path", str(folder / PACKAGE)]
    done = subprocess.run([*tool, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def people(made: Path, stack: RunningStack) -> dict[str, Person]:
    """People of acme, by role."""
    nobody = Person(stack.address)

    def log_in(role: str) -> Person:
        login = model("LoginBody", email=f"{role}@acme.example", password=PASSWORD)
        return Person(stack.address, nobody.ask("auth.login", body=login).access_token)

    return {role: log_in(role) for role in ("client", "agent", "admin", "reviewer")}


def test_a_ticket(people: dict[str, Person]) -> None:
    client, agent = people["client"], people["agent"]
    urgent = import_module(f"{PACKAGE}.models").TicketPriority.URGENT
    asked = model("OpenTicketBody", subject="The printer is on fire", body="Please hurry.", priority=urgent)
    opened = client.answer("tickets.open_ticket", body=asked)
    ticket = opened.parsed
    assert opened.headers["Location"] == f"/api/v1/tickets/{ticket.id}"
    assert ticket.first_response_due_at > datetime.now(UTC)

    waiting = import_module(f"{PACKAGE}.models").TicketStatus.WAITING_FOR_RESPONSE
    agent.ask("tickets.post_ticket_message", ticket.id, body=model("MessageBody", body="Which one?", status=waiting))
    assert client.ask("tickets.get_ticket", ticket.id).status == waiting
    clocks = agent.ask("tickets.get_ticket_service_level", ticket.id)
    assert {clock.clock.value for clock in clocks} >= {"first_response", "resolution"}
    story = agent.ask("tickets.get_ticket_timeline", ticket.id).items
    assert [event.version for event in story] == [1, 2]

    low = model("PriorityBody", priority=import_module(f"{PACKAGE}.models").TicketPriority.LOW)
    stale = agent.answer("tickets.set_ticket_priority", ticket.id, body=low, if_match='"1"')
    assert (stale.status_code, stale.parsed.code) == (412, "version_mismatch")
    assert stale.parsed.type_ == "/docs/errors#version_mismatch"


def test_an_identity_check(people: dict[str, Person]) -> None:
    admin, reviewer = people["admin"], people["reviewer"]
    models = import_module(f"{PACKAGE}.models")
    somebody = model("CustomerBody", type_=models.CustomerKind.INDIVIDUAL, name="Nadia Newcomer")
    customer = admin.ask("customers.create_customer", body=somebody)
    for kind in (models.DocumentType.PASSPORT, models.DocumentType.PROOF_OF_ADDRESS):
        scan = import_module(f"{PACKAGE}.types").File(BytesIO(SCAN), "scan.pdf", "application/pdf")
        file = admin.ask("files.upload_file", body=model("UploadFileBody", file=scan))
        handed_in = model("DocumentBody", type_=kind, file_id=file.id)
        admin.ask("identity_checks.add_kyc_document", customer.id, body=handed_in)
    admin.ask("identity_checks.submit_kyc", customer.id)

    case = admin.ask("identity_checks.get_kyc", customer.id)
    waiting = reviewer.ask("reviews.list_tasks", status=[models.TaskStatus.PENDING], case_id=customer.id)
    (review,) = waiting.items
    assert review.case.number == case.number
    decision = model("DecisionBody", decision=models.Decision.APPROVE)
    reviewer.ask("reviews.decide_task", review.id, body=decision)
    assert admin.ask("identity_checks.get_kyc", customer.id).can_activate


def test_a_quote(people: dict[str, Person]) -> None:
    client, agent = people["client"], people["agent"]
    customer_id = client.ask("me.get_me").customer.id
    line = model("LineBody", name="Chair", quantity=16, unit_price=34835)
    offer = model("QuoteBody", customer_id=customer_id, discount_bp=400, lines=[line])
    quote = agent.ask("quotes.write_quote", body=offer)
    agent.ask("quotes.submit_quote", quote.id)
    sent = agent.answer("quotes.send_quote", quote.id)
    assert sent.headers["ETag"] == client.answer("quotes.get_quote", quote.id).headers["ETag"]
    assert client.answer("quotes.download_quote", quote.id).content.startswith(b"%PDF")
    assert [version.number for version in agent.ask("quotes.list_quote_versions", quote.id).items] == [quote.number]


def test_a_booking(people: dict[str, Person]) -> None:
    client = people["client"]
    offered = {service.name: service for service in client.ask("bookings.list_services").items}
    service = offered["Consultation"]
    since = datetime.now(UTC) + timedelta(days=2)
    free = client.ask(
        "bookings.list_slots", service_id=service.id, from_=since, to=since + timedelta(days=9), tz="Europe/Paris"
    )
    wish = model("BookingBody", service_id=service.id, start=free.slots[0].start)
    booking = client.ask("bookings.book", body=wish)
    client.ask("bookings.confirm_booking", booking.id)
    story = client.ask("bookings.get_booking_timeline", booking.id).items
    assert story[0].at <= story[-1].at
    assert client.ask("bookings.get_booking", booking.id).status.value in ("confirmed", "pending")
