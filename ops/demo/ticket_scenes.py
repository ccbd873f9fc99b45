"""Three tickets: one is answered and closes by itself, one waits for its customer, one is late."""

from datetime import UTC, datetime, timedelta

from ops.demo.stage import CaseOnStage, Stage

_A_MINUTE = timedelta(minutes=1)


async def answered_and_closed(stage: Stage) -> None:
    """A ticket is answered, resolved, and closes after its silent days."""
    stage.title("A ticket is answered, resolved, and closes when nobody says more")
    ticket = await _opened(stage, "The invoice shows our old address", "We moved in March. Please correct it.", "low")
    await stage.act("agent", ticket, "/messages", body="Corrected; a new copy is on its way.", mails=1)
    await stage.act("agent", ticket, "/status", status="resolved")
    await stage.pass_time(ticket, timedelta(days=7) + _A_MINUTE, "the customer is silent", mails=1)
    await _service_level(stage, ticket)


async def reminded(stage: Stage) -> None:
    """A ticket waits for its customer, who is reminded and then replies."""
    stage.title("A ticket waits for its customer, who is reminded")
    ticket = await _opened(stage, "The app does not start", "It closes at once, since yesterday.", "medium")
    question = "Which version do you use, and on which telephone?"
    await stage.act("agent", ticket, "/messages", body=question, status="waiting_for_response", mails=1)
    await stage.pass_time(ticket, timedelta(days=2) + _A_MINUTE, "the customer does not answer", mails=1)
    await stage.act("client", ticket, "/messages", body="Version 4.2, on an old telephone. Sorry for the wait.")
    await _service_level(stage, ticket)


async def warned_and_breached(stage: Stage) -> None:
    """An urgent ticket is not answered: a warning, then a breach."""
    stage.title("An urgent ticket is forgotten: first a warning, then a breach")
    ticket = await _opened(stage, "Nobody can pay in the shop", "Every card is refused.", "urgent")
    row = await stage.api.get(stage.people["agent"], ticket.path)
    if row["first_response_due_at"] is None:
        stage.remark("SLA", "This tenant promises nothing, so nothing can be late.")
        return
    due = datetime.fromisoformat(row["first_response_due_at"])
    before = await stage.pass_time(
        ticket, due - _A_MINUTE - datetime.now(UTC), "nobody answers until shortly before it is due", mails=2
    )
    if before is None:
        return
    await stage.pass_time(ticket, due + _A_MINUTE - before.at, "and nobody answers in time", mails=3)
    await _service_level(stage, ticket)


async def _opened(stage: Stage, subject: str, body: str, priority: str) -> CaseOnStage:
    row = await stage.api.post(stage.people["client"], "/tickets", subject=subject, body=body, priority=priority)
    ticket = CaseOnStage(id=f"ticket/{row['id']}", number=row["number"], path=f"/tickets/{row['id']}")
    stage.enter(ticket, f"{subject} ({priority})")
    await stage.tell(ticket, stage.people["client"].name)
    await _service_level(stage, ticket)
    return ticket


async def _service_level(stage: Stage, ticket: CaseOnStage) -> None:
    for clock in await stage.api.get(stage.people["agent"], f"{ticket.path}/sla"):
        if clock["state"] != "not_started":
            stage.remark("SLA", f"{clock['clock'].replace('_', ' ').capitalize()}: {clock['sentence']}")
