"""The lives of identity checks, for the corpus."""

from datetime import timedelta

from tests.rollouts.real_world import RealWorld
from tests.workflows.kyc.life import KycLife, new_customer

A_DAY = timedelta(days=1)


async def complete(life: KycLife, **passport: str) -> None:
    """Hands in what an individual needs, and submits it."""
    await life.hand_in("passport", **passport)
    await life.hand_in("proof_of_address")
    assert (await life.submits()).status_code == 200


async def test_approved_expired_suspended_and_renewed(world: RealWorld) -> None:
    life = await new_customer(world)
    assert (await life.submits()).json()["code"] == "documents_missing"
    last_day = (await world.now()).date() + 40 * A_DAY
    await complete(life, country="DZ", expires_on=str(last_day))
    assert (await life.decides("reviewer")).status_code == 200
    reviewer = await world.person("reviewer")
    assert (await reviewer.post(f"/customers/{life.id}/activate")).status_code == 200
    await life.skips(56 * A_DAY)
    assert await life.happens("grace_ended")
    assert (await life.customer())["status"] == "suspended"
    await life.hand_in("passport", by="admin", expires_on=str(last_day + 3650 * A_DAY))
    assert (await life.decides("reviewer2")).status_code == 200
    assert (await life.customer())["status"] == "active"
    kinds = await life.kinds()
    assert (kinds.count("expiry_reminded"), kinds.count("expired"), kinds.count("approved")) == (2, 1, 2)
    await world.keep("kyc_expired_suspended_and_renewed", life.case)


async def test_claimed_late_and_escalated(world: RealWorld) -> None:
    life = await new_customer(world)
    await complete(life)
    reviewer, path = await world.person("reviewer"), f"/reviews/{(await life.task())['id']}"
    assert (await reviewer.post(f"{path}/claim")).status_code == 200
    assert (await life.decides("reviewer2")).json()["code"] == "task_claimed"
    assert (await reviewer.post(f"{path}/release")).status_code == 200
    assert (await reviewer.post(f"{path}/claim")).status_code == 200
    await life.skips(30 * A_DAY)
    assert "task_reminded" in await life.happens("task_escalated", times=2)
    assert (await life.decides("manager", "reject", reason="Canary: not you")).status_code == 200
    await world.keep("kyc_review_escalated_and_rejected", life.case)


async def test_changes_requested_and_lapsed(world: RealWorld) -> None:
    life = await new_customer(world)
    await complete(life)
    assert (await life.decides("reviewer", "request_changes", reason="Canary: blurred")).status_code == 200
    await life.skips(60 * A_DAY)
    assert "changes_reminded" in await life.happens("changes_lapsed")
    await world.keep("kyc_changes_lapsed", life.case)


async def test_approved_by_two_when_the_risk_is_high(world: RealWorld) -> None:
    life = await new_customer(world)
    await life.hand_in("passport", by="admin", country="IR")
    document = await life.hand_in("proof_of_address")
    admin = await world.person("admin")
    given = {"number": "Canary 43"}
    assert (await admin.patch(f"{life.url}/documents/{document['id']}", json=given)).status_code == 200
    assert (await life.submits()).json()["risk"] == "high"
    assert (await life.decides("admin")).json()["code"] == "four_eyes"
    assert (await life.decides("reviewer")).status_code == 200
    assert (await life.decides("reviewer")).status_code == 409
    assert (await life.decides("reviewer2")).json()["status"] == "done"
    await world.keep("kyc_approved_by_two", life.case)
