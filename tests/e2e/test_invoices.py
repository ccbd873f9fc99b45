"""Invoices over HTTP on the running stack: every refusal, what customers see, and the audit of their numbers."""

import re
from uuid import uuid4

import httpx2
import psycopg
import pytest

from tests.e2e.desk import Json, assert_problem, mails, read
from tests.e2e.invoices import LINES, TOTAL, do, payment, write_invoice
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

CANARY = f"canary{uuid4().hex[:12]}"


@pytest.fixture
async def manager(people: People) -> httpx2.AsyncClient:
    return await people.log_in("manager@globex.example")


async def test_from_draft_to_paid(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, manager: httpx2.AsyncClient
) -> None:
    invoice = await write_invoice(manager, customer, lines=[{**LINES[0], "name": CANARY}], notes=CANARY)
    path = f"invoices/{invoice['id']}"
    assert_problem(await customer.get(path), 404)
    issued = await do(manager, invoice, "issue")
    await do(manager, invoice, "send")
    assert (await read(customer, path))["number"] == issued["number"]
    assert_problem(await customer.post(f"{path}/payments", json=payment()), 403)
    assert_problem(await manager.post(f"{path}/payments", json=payment(TOTAL + 1)), 409, "overpayment")
    late = payment(paid_at="2099-01-01T00:00:00Z")
    assert_problem(await manager.post(f"{path}/payments", json=late), 409, "payment_in_future")
    paid = await do(manager, invoice, "payments", **payment(reference=CANARY))
    assert (paid["status"], paid["owed"]) == ("paid", 0)
    assert_problem(await manager.post(f"{path}/payments", json=payment()), 409, "invoice_paid")
    (told,) = (await read(customer, f"{path}/payments"))["items"]
    assert (told["reference"], told["amount"]) == (CANARY, TOTAL)
    assert (await manager.get(f"{path}/pdf")).content.startswith(b"%PDF")
    assert_problem(await manager.get(f"{path}/credit-note/pdf"), 404)
    (found,) = (await read(manager, "invoices", q=issued["number"], status="paid", overdue=False))["items"]
    assert found["id"] == invoice["id"]
    assert (await read(manager, "invoices", **{"from": "2099-01-01T00:00:00Z"}))["items"] == []
    await eventually(lambda: _mailed(people, issued, 2), "the invoice and the receipt are mailed", every=0.2)

    temporal = await stack.temporal()
    async for run in temporal.list_workflows(f"WorkflowId = 'invoice/{invoice['id']}'"):
        handle = temporal.get_workflow_handle(run.id, run_id=run.run_id)
        known = (await handle.describe()).raw_description.SerializeToString()
        known += b"".join([event.SerializeToString() async for event in handle.fetch_history_events()])
        assert CANARY.encode() not in known
        assert b"@globex.example" not in known
    logs = {file.name: file.read_text(errors="replace") for file in (stack.home / "logs").glob("*.log*")}
    assert [name for name, log in logs.items() if CANARY in log] == []


async def _mailed(people: People, invoice: Json, count: int) -> bool:
    caught = [mail for mail in await mails(people, invoice) if "client@globex.example" in str(mail)]
    return len(caught) == count


async def test_what_cannot_be_is_refused(
    customer: httpx2.AsyncClient, manager: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    me = await read(customer, "me")
    body = {"customer_id": me["customer"]["id"], "lines": LINES}
    for change, field in (
        ({"customer_id": str(uuid4())}, "customer_id"),
        ({"quote_id": str(uuid4())}, "quote_id"),
        ({"order_id": str(uuid4())}, "order_id"),
        ({"lines": [{"product_id": str(uuid4()), "quantity": 1}]}, "lines.0.product_id"),
        ({"lines": [{"name": "Free", "quantity": 1, "unit_price": 0}]}, "lines"),
        ({"due_days": 367}, "due_days"),
        ({"unknown": 1}, "unknown"),
    ):
        assert_problem(await manager.post("invoices", json={**body, **change}), 422, field=field)
    assert_problem(await agent.post("invoices", json=body), 403)
    invoice = await write_invoice(manager, customer)
    path = f"invoices/{invoice['id']}"
    for bad in ({"amount": 0}, {"amount": 1.5}, {"method": "gold"}, {"paid_at": "yesterday"}):
        assert_problem(await manager.post(f"{path}/payments", json={**payment(), **bad}), 422)
    assert_problem(await manager.post(f"{path}/cancel", json={}), 422)
    assert_problem(await manager.post(f"{path}/payments", json=payment()), 409, "invoice_not_issued")


async def test_the_audit_of_numbers_names_a_planted_gap(
    stack: RunningStack, customer: httpx2.AsyncClient, manager: httpx2.AsyncClient
) -> None:
    invoice = await write_invoice(manager, customer)
    await do(manager, invoice, "issue")
    await do(manager, invoice, "cancel", reason="Wrong")
    audited = stack.command("invoices", "audit")
    assert audited.returncode == 0, audited.stdout
    assert "globex: INV-" in audited.stdout
    assert "globex: CRN-" in audited.stdout
    async with await psycopg.AsyncConnection.connect(stack.superuser_url, autocommit=True) as superuser:
        counting = "UPDATE number_counter SET last = last {} 1 WHERE series LIKE 'CRN-%'"
        await superuser.execute(counting.format("+").encode())
        broken = stack.command("invoices", "audit")
        await superuser.execute(counting.format("-").encode())
    assert broken.returncode == 1
    assert re.search(r"globex: CRN-\d{4} BROKEN: CRN-\d{4}-\d{6} is missing", broken.stdout), broken.stdout
