"""An identity check: documents, a review, a passport that expires, a suspension, and the way back."""

from datetime import UTC, date, datetime, timedelta

from ops.demo.stage import CaseOnStage, Stage
from ops.public_api import Person

_A_DAY = timedelta(days=1)
_VALID_DAYS = 40
_SCAN = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


async def identity_expires(stage: Stage) -> None:
    """A customer is approved, forgets that the passport expires, is suspended, and comes back with a new one."""
    stage.title("A customer proves who they are, and again when the passport expires")
    kyc = await _begun(stage)
    await stage.act("admin", kyc, "/submit")
    await _decided(stage, kyc, "reviewer")
    await stage.api.post(stage.people["reviewer"], f"/customers/{_customer(kyc)}/activate")
    arrival = await stage.pass_time(kyc, 11 * _A_DAY, "the passport has a month left", mails=1)
    if arrival is None:
        return
    await stage.pass_time(kyc, 23 * _A_DAY, "a week is left, and nothing comes", mails=1)
    await stage.pass_time(kyc, 8 * _A_DAY, "the passport's last day passes", mails=1)
    arrival = await stage.pass_time(kyc, 14 * _A_DAY, "and the grace period, too", mails=2)
    await _standing(stage, kyc)
    valid_until = (arrival.at if arrival else datetime.now(UTC)).date() + 3650 * _A_DAY
    await _hand_in(stage, kyc, "passport", valid_until)
    await _decided(stage, kyc, "reviewer2")
    await _standing(stage, kyc)


async def _begun(stage: Stage) -> CaseOnStage:
    customer = await stage.api.post(stage.people["agent"], "/customers", type="individual", name="Nadia Newcomer")
    address = f"nadia-{customer['id'][-12:]}@acme.example"
    await stage.api.post(
        stage.people["admin"],
        "/users",
        email=address,
        full_name="Nadia Newcomer",
        roles=["client"],
        customer_id=customer["id"],
    )
    await stage.accept_invitation(address)
    path = f"/customers/{customer['id']}/kyc"
    kyc = CaseOnStage(id=f"kyc/{customer['id']}", number="", path=path)
    valid_until = datetime.now(UTC).date() + _VALID_DAYS * _A_DAY
    for document, last_day in (("passport", valid_until), ("proof_of_address", None)):
        await _send(stage, kyc, document, last_day)
    kyc.number = (await stage.api.get(stage.people["agent"], path))["number"]
    stage.enter(kyc, f"an individual; the passport is valid until {valid_until}")
    await stage.tell(kyc, stage.people["admin"].name)
    return kyc


async def _hand_in(stage: Stage, kyc: CaseOnStage, document: str, last_day: date) -> None:
    await _send(stage, kyc, document, last_day)
    await stage.tell(kyc, stage.people["admin"].name)


async def _send(stage: Stage, kyc: CaseOnStage, document: str, last_day: date | None) -> None:
    admin: Person = stage.people["admin"]
    file = await stage.api.upload(admin, f"{document}.pdf", _SCAN, "application/pdf")
    fields = {"expires_on": last_day.isoformat()} if last_day else {}
    await stage.api.post(admin, f"{kyc.path}/documents", type=document, file_id=file["id"], country="DZ", **fields)


async def _decided(stage: Stage, kyc: CaseOnStage, who: str) -> None:
    review = await _review(stage, kyc)
    await stage.api.post(stage.people[who], f"/reviews/{review}/claim")
    await stage.api.post(stage.people[who], f"/reviews/{review}/decision", decision="approve")
    await stage.tell(kyc, stage.people[who].name, mails=1)


async def _review(stage: Stage, kyc: CaseOnStage) -> str:
    """The id of the case's newest task, which is told with its due time."""
    query = {"case_id": _customer(kyc), "sort": "-opened_at", "limit": 1}
    (task,) = (await stage.api.get(stage.people["agent"], "/reviews", **query))["items"]
    due = datetime.fromisoformat(task["due_at"])
    stage.remark("inbox", f"{task['title']}: for the role {task['role']}, due {due:%a %d %b %H:%M}")
    return str(task["id"])


async def _standing(stage: Stage, kyc: CaseOnStage) -> None:
    customer = await stage.api.get(stage.people["agent"], f"/customers/{_customer(kyc)}")
    stage.remark("customer", f"is {customer['status']}; the identity check is {customer['kyc_status']}")


def _customer(kyc: CaseOnStage) -> str:
    return kyc.id.removeprefix("kyc/")
