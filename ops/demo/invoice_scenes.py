"""Two invoices: one is reminded of and paid in two parts; one is cancelled by a credit note."""

from datetime import UTC, datetime, timedelta
from typing import Any

from activities.papers.language import language_of
from ops.demo.stage import CaseOnStage, Stage

_A_WEEK = timedelta(days=7)
_LINES = [
    {"name": "Maintenance", "description": "By the hour", "quantity": 16, "unit_price": 34_835, "tax_rate_bp": 1_900},
    {"name": "Manual", "quantity": 2, "unit_price": 120_000, "tax_rate_bp": 900},
]


async def dunned_and_paid(stage: Stage) -> None:
    """The term of payment ends; after a reminder, which comes in business hours, the customer pays in two parts."""
    stage.title("An invoice is not paid in time, reminded of, and paid in two parts")
    invoice, issued = await _issued(stage, "Maintenance, to be paid within ten days")
    after = datetime.fromisoformat(issued["due_at"]) + _A_WEEK - datetime.now(UTC)
    arrival = await stage.pass_time(invoice, after, "nobody pays", mails=1)
    paid_at = datetime.now(UTC).isoformat()
    for amount, mails in ((issued["total"] // 2, 0), (issued["total"] - issued["total"] // 2, 1)):
        payment: dict[str, Any] = {"amount": amount, "method": "bank_transfer", "paid_at": paid_at}
        await stage.act("manager", invoice, "/payments", mails=mails, **payment)
    when = "after a reminder" if arrival else "at once"
    stage.remark("invoice", f"{_amount(issued)} paid {when}; on paper: {invoice.path}/pdf")


async def credited(stage: Stage) -> None:
    """An invoice that was issued never changes: what is wrong is credited, under a number of its own series."""
    stage.title("An invoice was wrong, and is cancelled by a credit note")
    invoice, _ = await _issued(stage, "The wrong customer's maintenance")
    await stage.act("manager", invoice, "/cancel", mails=1, reason="It was for somebody else.")
    row = await stage.api.get(stage.people["manager"], invoice.path)
    stage.remark("credit note", f"{row['credit_note']}; on paper: {invoice.path}/credit-note/pdf")


async def _issued(stage: Stage, words: str) -> tuple[CaseOnStage, dict[str, Any]]:
    me = await stage.api.get(stage.people["client"], "/me")
    manager = stage.people["manager"]
    fields = {"customer_id": me["customer"]["id"], "lines": _LINES, "due_days": 10}
    row = await stage.api.post(manager, "/invoices", **fields)
    row = await stage.api.post(manager, f"/invoices/{row['id']}/issue")
    invoice = CaseOnStage(id=f"invoice/{row['id']}", number=row["number"], path=f"/invoices/{row['id']}")
    stage.enter(invoice, f"{words}: {_amount(row)}")
    await stage.tell(invoice, manager.name)
    await stage.act("manager", invoice, "/send", mails=1)
    return invoice, row


def _amount(row: dict[str, Any]) -> str:
    return language_of("en").money(row["total"], row["currency"])
