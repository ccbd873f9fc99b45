"""Two quotes: one needs a manager's approval, is replaced, reminded of and accepted; one expires."""

from datetime import UTC, datetime, timedelta
from typing import Any

from activities.papers.language import language_of
from ops.demo.stage import CaseOnStage, Stage

_A_MINUTE = timedelta(minutes=1)
_THREE_DAYS = timedelta(days=3)
_LINES = [
    {"name": "Meeting table", "description": "Oak, seats ten", "quantity": 2, "unit_price": 12_400_000},
    {"name": "Chair", "quantity": 20, "unit_price": 3_483_500, "discount_bp": 400},
    {"name": "Assembly", "description": "By the hour", "quantity": "6.5", "unit_price": 450_000, "tax_rate_bp": 900},
]


async def approved_and_accepted(stage: Stage) -> None:
    """A request becomes a quote, which a manager approves; its second version is accepted."""
    stage.title("A quote is asked for, approved, replaced by another version, and accepted")
    asked = await stage.api.post(
        stage.people["client"], "/quote-requests", description="Two tables and twenty chairs, put up."
    )
    stage.remark(stage.people["client"].name, f"asks for a quote: {asked['number']}")
    first = await _written(stage, "Furniture, 12 % off", discount_bp=1_200, request_id=asked["id"])
    await stage.act("agent", first, "/submit")
    await _decide(stage, first, "approve")
    await stage.act("agent", first, "/send", mails=1)
    row = await stage.api.post(stage.people["agent"], f"{first.path}/new-version")
    second = _on_stage(row)
    # Both versions have one number, by which their mails are found.
    second.told_mails = first.told_mails
    stage.enter(second, "Version 2 replaces it")
    await stage.tell(first, stage.people["agent"].name)
    await stage.tell(second, stage.people["agent"].name)
    await stage.act("agent", second, "/submit")
    await _decide(stage, second, "approve")
    sent = await stage.api.post(stage.people["agent"], f"{second.path}/send")
    await stage.tell(second, stage.people["agent"].name, mails=1)
    ends = datetime.fromisoformat(sent["valid_until"])
    before = ends - _THREE_DAYS + _A_MINUTE - datetime.now(UTC)
    await stage.pass_time(second, before, "the customer hesitates", mails=1)
    await stage.act("client", second, "/accept", name="The customer", mails=1)
    accepted = await stage.api.get(stage.people["agent"], second.path)
    stage.remark("quote", f"{_amount(accepted)} accepted by {accepted['accepted_by']}; on paper: {second.path}/pdf")


async def expired(stage: Stage) -> None:
    """A quote that nobody answers expires, and can be accepted no more."""
    stage.title("A quote is not answered and expires")
    quote = await _written(stage, "Furniture at the usual price", lines=_LINES[2:], valid_days=7)
    await stage.act("agent", quote, "/submit")
    sent = await stage.api.post(stage.people["agent"], f"{quote.path}/send")
    await stage.tell(quote, stage.people["agent"].name, mails=1)
    ends = datetime.fromisoformat(sent["valid_until"])
    await stage.pass_time(quote, ends + _A_MINUTE - datetime.now(UTC), "nobody answers", mails=2)


async def _written(stage: Stage, words: str, **given: Any) -> CaseOnStage:
    me = await stage.api.get(stage.people["client"], "/me")
    fields = {"customer_id": me["customer"]["id"], "lines": _LINES, **given}
    row = await stage.api.post(stage.people["agent"], "/quotes", **fields)
    quote = _on_stage(row)
    stage.enter(quote, f"{words}: {_amount(row)}")
    await stage.tell(quote, stage.people["agent"].name)
    return quote


async def _decide(stage: Stage, quote: CaseOnStage, decision: str) -> None:
    """The manager decides the task that the quote waits for, if it does: within the limits nobody is asked."""
    manager = stage.people["manager"]
    query = {"status": "pending", "kind": "quote_approval", "case_id": quote.id.partition("/")[2]}
    for task in (await stage.api.get(manager, "/reviews", **query))["items"]:
        await stage.api.post(manager, f"/reviews/{task['id']}/decision", decision=decision)
        await stage.tell(quote, manager.name, mails=1)


def _on_stage(row: dict[str, Any]) -> CaseOnStage:
    return CaseOnStage(id=f"quote/{row['id']}", number=row["number"], path=f"/quotes/{row['id']}")


def _amount(row: dict[str, Any]) -> str:
    return language_of("en").money(row["total"], row["currency"])
