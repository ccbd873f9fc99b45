"""The life of an invoice while time is skipped: what people do."""

import asyncio
import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pypdf import PdfReader
from uuid_utils.compat import uuid7

from domain.cases import CaseKind
from domain.tax import PricedLine
from models.cases import CommandRow
from models.people import Customer
from stores.invoices.drawing import draw_up
from stores.sales import SoldLine
from tests.workflows.invoices.life import LINES, TOTAL, InvoiceLife, Json, write_invoice
from tests.workflows.world import World, eventually
from workflows.invoices.door import issue


def text_of(pdf: bytes) -> str:
    return " ".join("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


async def pdf_of(life: InvoiceLife, who: str = "client", path: str = "pdf") -> bytes:
    answer = await (await life.world.person(who)).get(f"{life.url}/{path}")
    assert answer.status_code == 200, answer.text
    return answer.content


async def attached(life: InvoiceLife, words: str) -> list[bytes]:
    """What is attached to the mail about the invoice with these words in its subject."""
    await life.mails(1)

    async def look() -> list[bytes]:
        mails = life.world.postbox.letters(life.number)
        return [part.get_content() for mail in mails if words in mail["Subject"] for part in mail.iter_attachments()]

    return await eventually(look, bool)


async def test_issued_sent_and_paid_in_parts(world: World) -> None:
    life = await write_invoice(world)
    assert life.draft_number.startswith("DRAFT-")
    await life.refused("manager", "send", "invoice_not_issued")
    assert (await life.pays(100)).json()["code"] == "invoice_not_issued"
    row = await life.issued()
    assert row["number"].startswith("INV-")
    assert (row["status"], row["total"], row["owed"]) == ("sent", TOTAL, TOTAL)
    await life.refused("manager", "issue", "invoice_not_draft")
    await life.refused("manager", "send", "invoice_sent")
    assert (await life.pays(TOTAL + 1)).json()["code"] == "overpayment"
    row = await life.paid(100_00)
    assert (row["status"], row["owed"]) == ("partially_paid", TOTAL - 100_00)
    assert (await life.pays(TOTAL)).json()["code"] == "overpayment"
    row = await life.paid(TOTAL - 100_00)
    assert (row["status"], row["owed"], row["paid_amount"]) == ("paid", 0, TOTAL)
    assert (await life.pays(1)).json()["code"] == "invoice_paid"
    assert [payment["amount"] for payment in await life.payments()] == [100_00, TOTAL - 100_00]
    assert await life.kinds() == ["opened", "issued", "sent", "payment_recorded", "paid"]
    assert "PAYÉE" not in text_of((await attached(life, "Notre facture"))[0])
    assert await attached(life, "Payée") == [await pdf_of(life)]
    assert "PAYÉE" in text_of(await pdf_of(life))


async def test_a_draft_is_edited_and_its_customer_does_not_see_it(world: World) -> None:
    life = await write_invoice(world)
    lines = [{"name": "Canary", "quantity": 16, "unit_price": 34835, "tax_rate_bp": 2200}]
    manager, client = await world.person("manager"), await world.person("client")
    edited = (await manager.put(life.url, json={"lines": lines, "discount_bp": 400, "due_days": 10})).json()
    assert (edited["total"], edited["status"], edited["version"]) == (652780, "draft", 2)
    assert (await client.get(life.url)).status_code == 404
    assert "BROUILLON" in text_of(await pdf_of(life, "manager"))
    await life.issued(sent=False)
    assert (await manager.put(life.url, json={"lines": LINES})).json()["code"] == "invoice_not_draft"
    seen = (await client.get(life.url)).json()
    assert (seen["status"], seen["total"], seen["number"]) == ("issued", 652780, life.number)
    kinds = [event["kind"] for event in (await client.get(f"{life.url}/timeline")).json()["items"]]
    assert kinds == ["issued"]


async def test_a_draft_is_discarded_without_a_credit_note(world: World) -> None:
    life = await write_invoice(world)
    row = await life.done("manager", "cancel", reason="Canary: never mind")
    assert (row["status"], row["credit_note"], row["number"]) == ("cancelled", None, life.draft_number)
    await life.refused("manager", "issue", "invoice_cancelled")
    assert await life.kinds() == ["opened", "discarded"]


async def test_what_was_issued_is_cancelled_by_a_credit_note(world: World) -> None:
    life = await write_invoice(world)
    await life.issued()
    row = await life.done("manager", "cancel", reason="Canary: wrong customer")
    assert row["status"] == "cancelled"
    assert row["credit_note"].startswith("CRN-")
    assert (row["number"], row["owed"], row["refund_due"]) == (life.number, 0, 0)
    assert (await life.pays(1)).json()["code"] == "invoice_cancelled"
    await life.refused("manager", "cancel", "invoice_cancelled", reason="Again")
    note = await pdf_of(life, path="credit-note/pdf")
    assert all(words in text_of(note) for words in ("Avoir", row["credit_note"], life.number, "Canary: wrong customer"))
    assert await attached(life, "avoir") == [note]
    assert "ANNULÉE" in text_of(await pdf_of(life))


async def test_a_paid_invoice_is_cancelled_and_what_was_paid_is_returned(world: World) -> None:
    life = await write_invoice(world)
    await life.issued()
    assert (await life.paid(TOTAL))["status"] == "paid"
    row = await life.done("manager", "cancel", reason="Canary: goods came back")
    assert (row["status"], row["refund_due"]) == ("cancelled", TOTAL)
    task = await life.task("invoice_refund")
    answer = await (await world.person("manager")).post(f"/reviews/{task['id']}/decision", json={"decision": "done"})
    assert answer.status_code == 200, answer.text
    assert await life.kinds() == ["opened", "issued", "sent", "paid", "cancelled", "refunded"]


async def test_of_a_payment_and_a_cancellation_one_happens_first(world: World) -> None:
    manager = await world.person("manager")
    for turn in range(3):
        life = await write_invoice(world)
        await life.issued()
        now = (await world.now(life.case)).isoformat()
        payment = {"amount": TOTAL, "method": "card", "paid_at": now}
        asks = [
            manager.post(f"{life.url}/payments", json=payment),
            manager.post(f"{life.url}/cancel", json={"reason": "Canary"}),
        ]
        answers = await asyncio.gather(*(asks if turn % 2 else reversed(asks)))
        row, payments = await life.read(), await life.payments()
        assert row["status"] == "cancelled"
        # Paid first: it was taken, and is to be returned. Cancelled first: it was refused, and nothing is.
        assert row["refund_due"] == sum(each["amount"] for each in payments)
        refusals = [answer.json()["code"] for answer in answers if answer.status_code == 409]
        assert refusals == ([] if payments else ["invoice_cancelled"])


async def test_cash_costs_a_stamp_duty_where_it_is_due(world: World) -> None:
    admin, manager = await world.person("admin"), await world.person("manager")
    change = {"stamp_duty": True, "bank_name": "Banque Canary", "bank_account": "00100123456789012345"}
    assert (await admin.patch("/settings", json={"invoices": change})).status_code == 200
    lines = [{"name": "Canary", "quantity": 1, "unit_price": 5_000_000}]
    foreseen = await write_invoice(world, lines=lines, payment_method="cash")
    assert (foreseen.opened["stamp_duty"], foreseen.opened["total"]) == (89_250, 5_950_000 + 89_250)
    await foreseen.issued()
    printed = text_of(await pdf_of(foreseen))
    assert all(
        words in printed for words in ("Droit de timbre", "Net à payer", "Banque Canary", "Référence à rappeler")
    )
    await foreseen.paid(foreseen.opened["total"], method="cash")
    assert [payment["stamp_duty"] for payment in await foreseen.payments()] == [0]
    surprise = await write_invoice(world, lines=lines)
    await surprise.issued()
    await surprise.paid(1_000_000, method="cash")
    await surprise.paid(4_950_000)
    assert [payment["stamp_duty"] for payment in await surprise.payments()] == [10_000, 0]
    assert (await admin.patch("/settings", json={"invoices": {"stamp_duty": False}})).status_code == 200
    assert (await manager.patch("/settings", json={"invoices": {"stamp_duty": True}})).status_code == 403


async def test_what_another_step_has_drawn_up_is_issued_and_sent_at_once(world: World) -> None:
    me: Json = (await (await world.person("client")).get("/me")).json()
    customer_id, author_id, tenant_id = (
        UUID(me["customer"]["id"]),
        UUID(me["user"]["id"]),
        UUID(me["tenant"]["id"]),
    )
    invoice_id, at = uuid7(), datetime.now(UTC)
    async with world.database.transaction(tenant_id) as session:
        await session.get_one(Customer, customer_id)
        for _ in range(2):
            await draw_up(
                session,
                tenant_id=tenant_id,
                invoice_id=invoice_id,
                customer_id=customer_id,
                order_id=None,
                quote_id=None,
                currency="DZD",
                locale="fr-DZ",
                lines=[SoldLine("Canary", PricedLine(2_000, 100_00, 0, 1_900))],
                due_days=None,
                at=at,
                author_id=author_id,
            )
        asked = issue(invoice_id, uuid7())
        session.add(
            CommandRow(
                tenant_id=tenant_id,
                id=uuid7(),
                case_kind=CaseKind.INVOICE,
                case_id=invoice_id,
                kind=f"{asked.kind}.{asked.command}",
                arguments={
                    "content_id": str(asked.arguments["content_id"]),
                    "at_once": asked.arguments["at_once"],
                },
                correlation_id="test",
                fingerprint="",
                asked_by=uuid7(),
                created_at=at,
            )
        )
    await world.sweep()
    row = (await (await world.person("client")).get(f"/invoices/{invoice_id}")).json()
    assert (row["status"], row["total"], row["version"]) == ("sent", 238_00, 1)
    assert row["number"].startswith("INV-")
    life = InvoiceLife(world, row)
    assert await life.kinds() == ["issued"]
    await life.mails(1)


async def test_credited_while_its_receipt_is_under_way_it_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paid, it is over; the run that is about to end hears that something is to be returned."""
    life = await write_invoice(world)
    await life.issued()
    await life.mails(1)
    run = (await life.history()).run_id
    with monkeypatch.context() as for_now:
        for_now.setattr(world.postbox, "out_of_order", True)
        await life.paid(TOTAL)
        await life.done("manager", "cancel", reason="Canary: goods came back")
    await life.passes(timedelta(hours=6))
    await life.mails(3)
    task = await life.task("invoice_refund")
    decided = await (await world.person("manager")).post(f"/reviews/{task['id']}/decision", json={"decision": "done"})
    assert decided.status_code == 200, decided.text
    assert (await life.history()).run_id == run
