from datetime import timedelta
from io import StringIO
from typing import Any

import httpx2
import pytest
from rich.console import Console

from ops.demo.play import Act
from ops.demo.stage import CaseOnStage, Stage
from ops.fast_forward import Arrival
from ops.public_api import Person, PublicApi
from ops.trouble import Trouble
from tests.stack.running_stack import RunningStack

AGENT = Person("the agent", "agent@acme.example", "token")
OPENED = {"version": 1, "kind": "opened", "actor": {"kind": "user"}, "at": "2026-11-20T14:00:00Z", "changes": {}}
CLOSED = {
    "version": 2,
    "kind": "closed",
    "actor": {"kind": "system"},
    "at": "2026-11-27T14:00:00Z",
    "changes": {"status": "closed"},
    "reason": "Silent [for] 7 days.",
}


ID = "0190a3c4-0000-7000-8000-000000000001"


def _api(answers: dict[str, Any], status: int = 200) -> PublicApi:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, json=answers[request.url.path.removeprefix("/api/v1")])

    return PublicApi(httpx2.AsyncClient(base_url="http://casewright", transport=httpx2.MockTransport(answer)))


def _stage(answers: dict[str, Any], **options: Any) -> tuple[Stage, Console]:
    console = Console(width=120, record=True, file=StringIO())
    given = {"pages": "http://casewright", "move_clock": None, "workflow_pages": None, **options}
    return Stage(_api(answers), {"agent": AGENT}, console, **given), console


def _ticket() -> CaseOnStage:
    return CaseOnStage(id=f"ticket/{ID}", number="TCK-20261120-00001", path="/tickets/1")


async def test_a_step_is_told_once_with_who_and_when_and_why() -> None:
    stage, console = _stage({"/tickets/1/timeline": {"items": [{**OPENED, "reason": None}, CLOSED]}})
    ticket = _ticket()
    await stage.tell(ticket, "the customer")
    await stage.tell(ticket, "the customer")
    told = [line.split() for line in console.export_text().splitlines()]
    assert told == [
        ["Fri", "20", "Nov", "14:00", "the", "customer", "opened"],
        ["Fri", "27", "Nov", "14:00", "the", "system", "closed", "Silent", "[for]", "7", "days."],
    ]


async def test_a_case_is_shown_with_its_page_and_that_in_the_temporal_ui() -> None:
    stage, console = _stage({}, workflow_pages="http://temporal/namespaces/casewright/workflows")
    stage.enter(_ticket(), "The app does not start")
    said = console.export_text()
    assert f"http://casewright/tickets/{ID}\n" in said
    assert f"http://temporal/namespaces/casewright/workflows/ticket%2F{ID}\n" in said


async def test_elsewhere_than_on_the_embedded_stack_time_is_left_out() -> None:
    stage, console = _stage({})
    assert await stage.pass_time(_ticket(), timedelta(days=2, minutes=1), "nobody answers") is None
    assert "nobody answers: 2 days, 1 minute left out, only the embedded stack can move time" in console.export_text()


async def test_a_mail_is_told_once() -> None:
    mail = {"message_id": "<1>", "recipients": ["client@acme.example"], "subject": "[TCK-20261120-00001] Closed"}

    async def move(_: str, __: timedelta) -> Arrival:
        raise AssertionError("nobody moves the clock")

    answers = {
        "/tickets/1/timeline": {"items": []},
        "/demo/mailbox": [mail],
        "/deliveries": {"items": [{"status": "sent"}]},
    }
    stage, console = _stage(answers, move_clock=move)
    ticket = _ticket()
    await stage.tell(ticket, "", mails=1)
    await stage.tell(ticket, "")
    assert console.export_text().split() == ["mail", "client@acme.example:", "[TCK-20261120-00001]", "Closed"]


async def test_what_the_api_refuses_is_said_in_its_own_words() -> None:
    problem = {"code": "ticket_closed", "detail": "This ticket is closed."}
    with pytest.raises(Trouble, match=r"409: This ticket is closed. \(ticket_closed\)"):
        await _api({"/tickets/1/close": problem}, status=409).post(AGENT, "/tickets/1/close")


TOLD = {
    Act.TICKETS: (
        "the system closed Resolved and silent for 7 days.",
        "the system reminded The customer was asked and has not answered.",
        "the system sla warned",
        "the system sla breached",
        "First response: Breached",
        "/namespaces/casewright/workflows/ticket%2F",
    ),
    Act.MAIL: ("cannot be reached (5.1.1): staff have a task of it.",),
    Act.IDENTITY: (
        "/namespaces/casewright/workflows/kyc%2F",
        "the reviewer approved",
        "the system expired",
        "is suspended; the identity check is expired",
        "a colleague approved",
        "is active; the identity check is approved",
    ),
    Act.QUOTES: (
        "the manager approved",
        "the agent superseded",
        "the system reminded Its validity ends soon.",
        "the customer accepted",
        "the system expired The customer did not answer while it was valid.",
        "/namespaces/casewright/workflows/quote%2F",
    ),
    Act.ORDERS: (
        "products with pictures at /public/acme/products",
        "the agent delivered",
        "the agent cancelled The customer moves abroad.",
    ),
    Act.INVOICES: (
        "the system dunned Reminder 1: it is not paid.",
        "the manager paid",
        "/namespaces/casewright/workflows/invoice%2F",
        "the manager cancelled It was for somebody else.",
    ),
    Act.BOOKINGS: (
        "/namespaces/casewright/workflows/booking%2F",
        "the system followed up",
        "a guest cancelled Found a chair elsewhere.",
        "/namespaces/casewright/workflows/booking_series%2F",
        "the customer cancelled On holiday then.",
    ),
}
AFTER_OTHERS = (Act.MAIL, Act.ORDERS, Act.BOOKINGS)
"""These find what an earlier play has left: mails, pictures, stock and taken times. The others begin anew each time."""


def _played(stack: RunningStack, *acts: Act) -> str:
    """What is told of these, or of all."""
    played = stack.command("demo", *acts, patience=150)
    assert played.returncode == 0, played.stderr
    assert "Traceback" not in played.stderr
    story = " ".join(played.stdout.split())
    assert not [told for act in acts or Act for told in TOLD[act] if told not in story]
    assert "still on the way" not in story
    return story


def test_the_demo_plays_and_plays_again(stack: RunningStack) -> None:
    story = _played(stack)
    assert story.count("client@acme.example:") == 26
    assert story.count("agent2@acme.example: [TCK-") == 3
    assert "reviewer@acme.example: [KYC-" in story
    again = _played(stack, *AFTER_OTHERS)
    assert TOLD[Act.TICKETS][0] not in again
