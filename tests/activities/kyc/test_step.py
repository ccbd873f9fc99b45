"""The activity that makes a step of an identity check durable, together with its documents, tasks and customer."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from uuid_utils.compat import uuid7

from activities.cases.aggregate import CaseActivities
from activities.cases.step import CaseNotice, StepResult
from activities.kyc.step import IdentityChecks, KycStep
from domain.cases import SYSTEM, CaseKind, CaseRef
from domain.customers.states import CustomerStatus, KycStatus
from domain.kyc.rules import Document, DocumentDeed, DocumentStatus, DocumentType
from domain.kyc.state import KycState
from domain.tasks.deeds import TaskDeed, TaskStep
from domain.tasks.rules import Decision, Task, TaskKind
from models.audit import AuditRow
from models.cases import DeliveryRow, EventRow
from models.database import Database
from models.kyc import KycCase, KycDocument
from models.people import Customer, Membership
from models.tasks import TaskRow
from tests.activities.desk import NOON, ask, new_desk


@dataclass(frozen=True)
class Office:
    """A tenant with a customer, whose case waits for its first step; `account_id` speaks for the customer."""

    database: Database
    tenant_id: UUID
    account_id: UUID
    customer_id: UUID

    async def take(self, step: KycStep) -> StepResult[KycState]:
        return await ActivityEnvironment().run(CaseActivities(self.database, IdentityChecks()).take_step, step)

    async def load(self) -> StepResult[KycState]:
        ref = CaseRef(self.tenant_id, self.customer_id)
        return await ActivityEnvironment().run(CaseActivities(self.database, IdentityChecks()).load, ref)

    async def handed_in(self, kind: str = "passport") -> Document:
        """A document as its route writes it."""
        row = KycDocument(
            tenant_id=self.tenant_id,
            customer_id=self.customer_id,
            uploader_id=self.account_id,
            type=DocumentType(kind),
            number="XK42",
        )
        async with self.database.transaction(self.tenant_id) as session:
            session.add(row)
        return Document(id=row.id, type=row.type, uploader_id=self.account_id)

    async def step(self, version: int, kind: str, *, to: dict[str, Any] | None = None, **given: Any) -> KycStep:
        """A step by a command that is written, to the present state with what `to` names."""
        asked = await ask(self.database, self.tenant_id, self.account_id, CaseKind.KYC, self.customer_id, kind)
        state = replace((await self.load()).state, **to or {})
        return KycStep(**asked, version=version, at=NOON + timedelta(minutes=version), state=state, **given)

    async def rows(self, model: Any, **where: Any) -> list[Any]:
        async with self.database.transaction(self.tenant_id) as session:
            query = sa.select(model).where(col(model.tenant_id) == self.tenant_id).filter_by(**where)
            return list(await session.scalars(query.order_by(col(model.id))))

    async def customer(self) -> Customer:
        return (await self.rows(Customer, id=self.customer_id))[0]


@pytest.fixture
async def office(database: Database) -> Office:
    desk = await new_desk(database)
    async with database.transaction(desk.tenant_id) as session:
        customer_id = await session.scalar(sa.select(col(Customer.id)))
        assert customer_id is not None
        session.add(Membership(tenant_id=desk.tenant_id, account_id=desk.account_id, customer_id=customer_id))
        session.add(KycCase(id=customer_id, tenant_id=desk.tenant_id, status=KycStatus.COLLECTING))
    return Office(database, desk.tenant_id, desk.account_id, customer_id)


def review(**given: Any) -> Task:
    return Task(
        id=uuid7(),
        kind=TaskKind.KYC_REVIEW,
        role="reviewer",
        decisions=(Decision.APPROVE, Decision.REJECT),
        **given,
    )


async def test_a_first_step_numbers_the_case_and_tells_the_customer(office: Office) -> None:
    document = await office.handed_in()
    step = await office.step(1, "document_added", documents=(document,), deed=DocumentDeed.HANDED_IN)
    first = await office.take(step)
    assert first.state.number == "KYC-20261119-00001"
    assert [document.status for document in first.state.documents] == [DocumentStatus.UPLOADED]
    assert (await office.customer()).kyc_status is KycStatus.COLLECTING
    [event] = await office.rows(EventRow)
    assert (event.changes["status"], event.changes["risk"]) == ("collecting", "normal")
    assert "XK42" not in str(event.changes)
    assert [entry.action for entry in await office.rows(AuditRow)] == ["kyc_document.handed_in"]


async def test_a_step_that_is_tried_again_opens_one_task_and_returns_the_first_result(office: Office) -> None:
    await office.take(await office.step(1, "document_added", documents=(await office.handed_in(),)))
    task = TaskStep(deed=TaskDeed.OPENED, task=review())
    step = await office.step(2, "submitted", tasks=(task,), to={"status": KycStatus.UNDER_REVIEW})
    first, second = await office.take(step), await office.take(step)
    assert second == first
    assert first.state.due_at == first.tasks[0].due_at == step.at + timedelta(hours=24)
    # Who speaks for the customer must not approve.
    assert first.tasks[0].excluded == (office.account_id,)
    assert len(await office.rows(TaskRow)) == 1
    assert [event.version for event in await office.rows(EventRow)] == [1, 2]
    assert await office.load() == replace(first, deliveries=0, correlation_id="test")


async def test_a_step_from_another_version_changes_neither_document_nor_task_nor_customer(office: Office) -> None:
    document = await office.handed_in()
    task = TaskStep(deed=TaskDeed.OPENED, task=review())
    to = {"status": KycStatus.UNDER_REVIEW}
    stale = await office.step(3, "submitted", documents=(document,), tasks=(task,), to=to)
    with pytest.raises(ApplicationError) as conflict:
        await office.take(stale)
    assert conflict.value.type == "version_conflict"
    assert await office.rows(TaskRow) == []
    assert [row.added_at for row in await office.rows(KycDocument)] == [None]
    assert (await office.customer()).kyc_status is KycStatus.NONE


@pytest.mark.parametrize("active", [True, False])
async def test_only_an_active_customer_is_suspended_and_comes_back(office: Office, active: bool) -> None:
    status = CustomerStatus.ACTIVE if active else CustomerStatus.PENDING
    async with office.database.transaction(office.tenant_id) as session:
        await session.execute(sa.update(Customer).where(col(Customer.id) == office.customer_id).values(status=status))
    await office.take(await office.step(1, "document_added", documents=(await office.handed_in(),)))
    by_time = {
        "actor": SYSTEM,
        "id": uuid7(),
        "by_command": False,
        "notices": (CaseNotice("kyc_suspended", "customer"),),
        "ends_grace": True,
    }
    ended = await office.take(replace(await office.step(2, "grace_ended"), **by_time))
    suspended = await office.customer()
    assert suspended.status is (CustomerStatus.SUSPENDED if active else CustomerStatus.PENDING)
    assert ended.deliveries == len(await office.rows(DeliveryRow)) == int(active)
    await office.take(await office.step(3, "approved", to={"status": KycStatus.APPROVED}))
    back = await office.customer()
    assert (back.status, back.suspended_at, back.kyc_status) == (status, None, KycStatus.APPROVED)
    moves = [entry.detail["status"] for entry in await office.rows(AuditRow) if entry.action == "customer.moved"]
    there_and_back = [{"before": "active", "after": "suspended"}, {"before": "suspended", "after": "active"}]
    assert moves == (there_and_back if active else [])


async def test_a_correction_takes_the_number_that_was_proposed_for_it(office: Office) -> None:
    document = await office.handed_in()
    await office.take(await office.step(1, "document_added", documents=(document,)))
    change_id, other_id = uuid7(), uuid7()
    async with office.database.transaction(office.tenant_id) as session:
        row = await session.get_one(KycDocument, document.id)
        row.proposals = {str(other_id): {"number": "7"}, str(change_id): {"number": "43"}}
    changed = replace(document, country="FR")
    await office.take(await office.step(2, "document_changed", documents=(changed,), change_id=change_id))
    [row] = await office.rows(KycDocument)
    assert (row.number, row.country, row.proposals) == ("43", "FR", {})


async def test_who_has_left_claims_nothing_any_more(office: Office) -> None:
    await office.take(await office.step(1, "document_added", documents=(await office.handed_in(),)))
    opened = TaskStep(deed=TaskDeed.OPENED, task=review())
    await office.take(await office.step(2, "submitted", tasks=(opened,), to={"status": KycStatus.UNDER_REVIEW}))
    claimed = replace(opened.task, assignee_id=office.account_id)
    claim = await office.step(3, "task_claimed", tasks=(TaskStep(deed=TaskDeed.CLAIMED, task=claimed),))
    async with office.database.transaction(office.tenant_id) as session:
        await session.execute(sa.delete(Membership))
    with pytest.raises(ApplicationError) as refused:
        await office.take(claim)
    assert (refused.value.type, refused.value.non_retryable) == ("claimant_unknown", True)
    assert [task.assignee_id for task in await office.rows(TaskRow)] == [None]
