"""The life of an identity check: what people do, and what deadlines do."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from temporalio import workflow

from domain.public_holidays import public_holidays
from tests.workflows.kyc.life import KycLife, new_customer
from tests.workflows.world import World, after_ten_steps

A_DAY = timedelta(days=1)


async def complete(life: KycLife, **passport: Any) -> None:
    """Hands in what an individual needs."""
    await life.hand_in("passport", **passport)
    await life.hand_in("proof_of_address")


async def in_days(world: World, days: int) -> date:
    return (await world.now()).date() + timedelta(days=days)


def ordinary(day: date) -> bool:
    """Whether no holiday in Algeria falls into the ten days that begin with this one."""
    holidays = public_holidays("DZ", (day.year, day.year + 1))
    return not any(day + days * A_DAY in holidays for days in range(10))


async def test_documents_are_collected_submitted_and_approved(world: World) -> None:
    life = await new_customer(world)
    assert (await life.read())["status"] == "none"
    early = await life.submits()
    assert (early.status_code, early.json()["code"]) == (409, "documents_missing")
    assert [error["field"] for error in early.json()["errors"]] == ["identity", "proof_of_address"]
    await life.hand_in("passport", issued_on="2020-01-01", expires_on="2040-01-01", country="DZ")
    seen = await life.read()
    assert (seen["status"], seen["missing"], seen["can_activate"]) == ("collecting", ["proof_of_address"], False)
    assert (await life.customer())["kyc_status"] == "collecting"
    await life.hand_in("proof_of_address")

    submitted = await life.submits()
    assert submitted.json()["status"] == "under_review", submitted.text
    task = await life.task()
    assert (task["role"], task["status"], task["due_at"]) == ("reviewer", "pending", submitted.json()["due_at"])
    refused = await life.tries_to_hand_in("bank_statement")
    assert (refused.status_code, refused.json()["code"]) == (409, "kyc_under_review")
    assert (await life.submits()).json()["code"] == "kyc_under_review"

    chosen = {document["id"]: "approved" for document in seen["documents"]}
    approved = await life.decides("reviewer", fields={"documents": chosen})
    assert approved.json()["status"] == "done", approved.text
    seen = await life.read()
    assert (seen["status"], seen["can_activate"]) == ("approved", True)
    assert {document["status"] for document in seen["documents"]} == {"approved"}
    activated = await (await world.person("reviewer")).post(f"/customers/{life.id}/activate")
    assert activated.json()["status"] == "active"
    again = await life.decides("reviewer2")
    assert (again.status_code, again.json()["code"]) == (409, "task_settled")
    assert await life.kinds() == ["document_added", "document_added", "submitted", "approved"]
    assert len(await life.mails(1)) == 1
    asked = {mail.partition("@")[0] for mail in world.postbox.openings(life.number)}
    assert asked == {"reviewer", "reviewer2"}


async def test_what_cannot_be_is_refused_with_a_code(world: World) -> None:
    life = await new_customer(world)

    async def refused(**given: Any) -> tuple[int, str]:
        answer = await life.tries_to_hand_in("passport", **given)
        return answer.status_code, answer.json()["code"]

    assert await refused(expires_on=str(await in_days(world, -1))) == (422, "document_expired")
    assert await refused(issued_on=str(await in_days(world, 2))) == (422, "issued_in_future")
    assert await refused(issued_on="2030-01-01", expires_on="2029-01-01") == (422, "dates_impossible")
    assert await refused(expires_on="9999-12-31") == (422, "dates_impossible")
    assert await refused(expires_on="2026-02-30") == (422, "invalid")
    passport = await life.hand_in("passport")
    assert await refused() == (409, "document_pending")
    http = await world.person(life.person)
    text = (await http.post("/files", files={"file": ("a.txt", b"Canary", "text/plain")})).json()
    body = {"type": "bank_statement", "file_id": text["id"]}
    wrong = await http.post(f"{life.url}/documents", json=body)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "file_type_refused")
    # A refused document gives its file back.
    edited = await http.patch(f"{life.url}/documents/{passport['id']}", json={"number": "Canary 43", "country": "FR"})
    assert (edited.json()["number"], edited.json()["country"]) == ("Canary 43", "FR"), edited.text
    assert (await http.delete(f"{life.url}/documents/{passport['id']}")).status_code == 204
    assert (await http.get(f"{life.url}/documents/{passport['id']}")).status_code == 404
    assert await life.kinds() == ["document_added", "document_changed", "document_removed"]


async def test_a_review_is_reminded_of_and_escalated_over_a_weekend(world: World) -> None:
    life = await new_customer(world)
    await complete(life)
    # To a Thursday noon in Algiers, where it is open from Sunday to Thursday, 8 to 17, with no holiday soon after.
    now = await world.now()
    noon = now.replace(hour=11, minute=0, second=0) + timedelta(days=(3 - now.weekday()) % 7 or 7)
    while not ordinary(noon.date()):
        noon += 7 * A_DAY
    await life.skips(noon - now)
    due = datetime.fromisoformat((await life.submits()).json()["due_at"])
    claimed = await (await world.person("reviewer")).post(f"/reviews/{(await life.task())['id']}/claim")
    assert claimed.status_code == 200, claimed.text
    assert due - noon > timedelta(days=4)
    # Four hours of opening before Tuesday 9 o'clock are Monday 14 o'clock.
    await life.until((due - timedelta(hours=20)).isoformat())
    assert (await life.kinds())[-1] == "task_claimed"
    await life.until((due - timedelta(hours=18)).isoformat())
    assert "task_escalated" not in await life.happens("task_reminded")
    await life.until(due.isoformat())
    await life.happens("task_escalated")
    task = await life.task()
    assert (task["role"], task["assignee_id"]) == ("manager", None)
    await life.passes(4 * A_DAY)
    await life.happens("task_escalated", times=2)
    assert (await life.task())["role"] == "admin"
    mails = await life.mails(3)
    assert [mail.partition("@")[0] for mail in mails] == ["reviewer", "manager", "admin"]
    assert (await life.decides("manager")).status_code == 200


async def test_requested_changes_that_do_not_come_lapse(world: World) -> None:
    life = await new_customer(world)
    await complete(life)
    await life.submits()
    passport = next(one for one in (await life.read())["documents"] if one["type"] == "passport")
    fields = {"documents": {passport["id"]: "rejected"}, "document_reasons": {passport["id"]: "Canary: blurred"}}
    refused = await life.decides("reviewer", "approve", fields=fields)
    assert (refused.status_code, refused.json()["code"]) == (422, "field_invalid")
    asked = await life.decides("reviewer", "request_changes", reason="Canary: blurred", fields=fields)
    assert asked.status_code == 200, asked.text
    seen = await life.becomes("changes_requested")
    rejected = next(one for one in seen["documents"] if one["id"] == passport["id"])
    assert (rejected["status"], rejected["reason"]) == ("rejected", "Canary: blurred")
    await life.passes(7 * A_DAY + timedelta(minutes=1))
    await life.happens("changes_reminded")
    await life.passes(5 * A_DAY)
    await life.happens("changes_reminded", times=2)
    await life.passes(2 * A_DAY)
    seen = await life.becomes("collecting")
    assert (seen["missing"], seen["due_at"]) == (["identity"], None)
    assert len(await life.mails(4)) == 4
    await life.hand_in("national_id")
    assert (await life.submits()).status_code == 200
    assert (await life.decides("reviewer2")).status_code == 200


async def test_high_risk_takes_two_people_and_nobody_approves_their_own(world: World) -> None:
    life = await new_customer(world, company_name="Canary Trading")
    for document in ("company_registration", "tax_certificate", "national_id"):
        await life.hand_in(document)
    submitted = await life.submits(expected_volume=2_000_000_000)
    assert submitted.json()["risk"] == "high", submitted.text
    assert (await life.task())["approvals_needed"] == 2
    once = await life.decides("reviewer")
    assert (once.json()["status"], len(once.json()["approvals"])) == ("pending", 1)
    twice = await life.decides("reviewer")
    assert (twice.status_code, twice.json()["code"]) == (409, "four_eyes")
    done = await life.decides("reviewer2")
    assert done.json()["status"] == "done"
    assert (await life.read())["status"] == "approved"


async def test_who_handed_in_does_not_approve(world: World) -> None:
    life = await new_customer(world)
    await life.hand_in("passport", by="admin", country="IR")
    await life.hand_in("proof_of_address")
    assert (await life.submits()).json()["risk"] == "high"
    refused = await life.decides("admin")
    assert (refused.status_code, refused.json()["code"]) == (409, "four_eyes")
    rejected = await life.decides("reviewer", "reject", reason="Canary: not you")
    assert rejected.status_code == 200
    seen = await life.becomes("rejected")
    assert {document["status"] for document in seen["documents"]} == {"rejected"}
    await life.hand_in("passport")
    assert (await life.read())["status"] == "collecting"


async def test_risk_that_is_set_during_a_review_takes_two(world: World) -> None:
    life = await new_customer(world)
    await complete(life)
    await life.submits()
    reviewer = await world.person("reviewer")
    high = await reviewer.post(f"{life.url}/risk", json={"risk": "high", "reason": "Canary"})
    assert high.json()["risk"] == "high", high.text
    lowered = await reviewer.post(f"{life.url}/risk", json={"risk": "normal", "reason": "Canary"})
    assert (lowered.status_code, lowered.json()["code"]) == (409, "kyc_under_review")
    assert (await life.decides("reviewer")).json()["status"] == "pending"
    assert (await life.decides("reviewer2")).json()["status"] == "done"


async def test_two_reviewers_at_once_and_two_submissions_at_once(world: World) -> None:
    life = await new_customer(world)
    await complete(life)
    submissions = await asyncio.gather(life.submits(), life.submits())
    assert sorted(answer.status_code for answer in submissions) == [200, 409]
    decisions = await asyncio.gather(life.decides("reviewer"), life.decides("reviewer2"))
    assert sorted(answer.status_code for answer in decisions) == [200, 409]
    lost = next(answer for answer in decisions if answer.status_code == 409)
    assert lost.json()["code"] == "task_settled"
    assert (await life.kinds())[-2:] == ["submitted", "approved"]


async def test_what_somebody_holds_goes_back_to_the_role_when_they_are_away(world: World) -> None:
    life = await new_customer(world)
    await complete(life)
    await life.submits()
    task = await life.task()
    reviewer, admin = await world.person("reviewer"), await world.person("admin")
    assert (await reviewer.post(f"/reviews/{task['id']}/claim")).status_code == 200
    taken = await life.decides("reviewer2")
    assert (taken.status_code, taken.json()["code"]) == (409, "task_claimed")
    reviewer_id = (await reviewer.get("/me")).json()["user"]["id"]
    assert (await admin.patch(f"/users/{reviewer_id}", json={"away": True})).status_code == 200
    await world.sweep()
    assert (await admin.patch(f"/users/{reviewer_id}", json={"away": False})).status_code == 200
    assert (await life.task())["assignee_id"] is None
    assert (await life.kinds())[-1] == "task_released"
    assert (await life.decides("reviewer2")).status_code == 200


async def test_a_document_expires_in_five_years_and_a_new_one_brings_the_customer_back(world: World) -> None:
    life = await new_customer(world)
    last_day = await in_days(world, 5 * 365)
    await complete(life, expires_on=str(last_day))
    await life.submits()
    await life.decides("reviewer")
    await (await world.person("reviewer")).post(f"/customers/{life.id}/activate")
    await life.skips((5 * 365 - 32) * A_DAY)
    assert "expiry_reminded" not in await life.kinds()
    await life.passes(4 * A_DAY)
    await life.happens("expiry_reminded")
    await life.passes(22 * A_DAY)
    await life.happens("expiry_reminded", times=2)
    assert (await life.read())["status"] == "approved"
    await life.passes(8 * A_DAY)
    seen = await life.becomes("expired")
    assert {document["type"]: document["status"] for document in seen["documents"]}["passport"] == "expired"
    assert (seen["missing"], seen["can_activate"]) == (["identity"], False)
    assert (await life.task("kyc_expiry"))["role"] == "agent"
    assert (await life.customer())["status"] == "active"
    await life.passes(14 * A_DAY)
    await life.happens("grace_ended")
    assert (await life.customer())["status"] == "suspended"

    replaced = await life.hand_in("passport", expires_on=str(await in_days(world, 3650)))
    seen = await life.becomes("under_review")
    assert (await life.task("kyc_expiry"))["status"] == "cancelled"
    assert (await life.decides("reviewer2")).status_code == 200
    seen = await life.becomes("approved")
    assert (await life.customer())["status"] == "active"
    old = next(one for one in seen["documents"] if one["type"] == "passport" and one["id"] != replaced["id"])
    assert (old["status"], bool(old["replaced_at"])) == ("expired", True)
    mails = [mail for mail in await life.mails(7) if mail.startswith(life.person)]
    assert [mail.partition("] ")[2] for mail in mails] == [
        "Votre identité est confirmée",
        "Un document expire bientôt",
        "Un document expire bientôt",
        "Un document a expiré",
        "Votre compte est suspendu",
        "Votre identité est confirmée",
    ]


async def test_a_long_life_continues_as_new_with_its_tasks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow.Info, "is_continue_as_new_suggested", after_ten_steps)
    life = await new_customer(world)
    await complete(life)
    await life.submits()
    task = await life.task()
    reviewer = await world.person("reviewer")
    for _ in range(6):
        assert (await reviewer.post(f"/reviews/{task['id']}/claim")).status_code == 200
        assert (await reviewer.post(f"/reviews/{task['id']}/release")).status_code == 200
    assert (await life.decides("reviewer")).status_code == 200
    assert (await life.read())["status"] == "approved"
    history = await life.history()
    assert history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id


async def test_a_manager_takes_a_review_out_of_somebodys_hands_and_a_colleague_does_not(world: World) -> None:
    life = await new_customer(world)
    await complete(life)
    await life.submits()
    path = f"/reviews/{(await life.task())['id']}"
    assert (await (await world.person("reviewer")).post(f"{path}/claim")).status_code == 200
    refused = await (await world.person("reviewer2")).post(f"{path}/release")
    assert (refused.status_code, refused.json()["code"]) == (409, "task_not_claimed")
    released = await (await world.person("manager")).post(f"{path}/release")
    assert (released.status_code, released.json()["assignee_id"]) == (200, None)
    assert (await life.decides("reviewer2")).status_code == 200


async def test_a_customer_reads_what_is_asked_for_and_not_who_of_the_staff_did_what(world: World) -> None:
    life = await new_customer(world)
    await complete(life)
    await life.submits()
    reviewer = await world.person("reviewer")
    await reviewer.post(f"/reviews/{(await life.task())['id']}/claim")
    await life.decides("reviewer", "request_changes", reason="Canary: blurred")
    own = (await (await world.person(life.person)).get(f"{life.url}/timeline")).json()["items"]
    assert [event["kind"] for event in own][-2:] == ["submitted", "changes_requested"]
    assert own[-1]["reason"] == "Canary: blurred"
    assert not any("tasks" in event["changes"] or "risk" in event["changes"] for event in own)
    assert "task_claimed" in await life.kinds()
