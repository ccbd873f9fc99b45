"""The life of an invoice while time is skipped."""

from tests.workflows.invoices.life import TOTAL, write_invoice
from tests.workflows.world import World


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
    mails = await life.mails(2)
    assert "Notre facture" in mails[0]
    assert "Payée" in mails[1]
    await life.history()
