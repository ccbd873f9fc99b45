"""What the steps of an identity check write besides its own row: documents, the customer, the audit."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from activities.cases.aggregate import Aggregate, Reading, Taking
from activities.cases.step import Notice, Step
from activities.kyc.customers import move_customer
from activities.kyc.documents import audit_documents, take_documents
from domain.customers.states import CustomerStatus, KycStatus
from domain.kyc.rules import Document, DocumentDeed
from domain.kyc.state import KycState
from domain.tasks.deeds import TaskDeed, TaskStep
from domain.tasks.rules import TaskKind
from models.kyc import KycCase
from models.people import Customer
from stores.kyc import documents_of
from stores.people import people_of_customer


@dataclass(frozen=True, kw_only=True)
class KycStep(Step[KycState]):
    """`documents` are those that the step changes, as they are afterwards; `deed` is what somebody did to them.

    `notices` go to the customer's people, about the documents that `tells_of` names. `change_id` picks what was
    proposed for a document in words. `ends_grace` suspends the customer.
    """

    state: KycState
    documents: tuple[Document, ...] = ()
    deed: DocumentDeed | None = None
    tells_of: tuple[UUID, ...] = ()
    change_id: UUID | None = None
    ends_grace: bool = False


class IdentityChecks(Aggregate[KycCase, KycState, KycStep]):
    prefix, digits = "KYC", 5
    born_with = ("status", "risk", "risk_by_hand", "suspended_customer")
    opens_by_command = False

    def open_rows(self) -> sa.ColumnElement[bool]:
        return sa.true()

    async def known(self, case: Reading[KycCase]) -> dict[str, Any]:
        customer = await case.session.get_one(Customer, case.row.id)
        return {
            "customer_kind": customer.kind,
            "documents": await documents_of(case.session, case.row.id),
        }

    def customer_of(self, row: KycCase) -> UUID:
        return row.id

    async def tasks(self, taking: Taking[KycCase, KycStep]) -> tuple[TaskStep, ...]:
        """Excludes the people who speak for the customer from approving the review."""
        own = await people_of_customer(taking.session, taking.row.id)
        return tuple(
            replace(part, task=replace(part.task, excluded=tuple(dict.fromkeys([*part.task.excluded, *own]))))
            if part.deed is TaskDeed.OPENED and part.task.kind is TaskKind.KYC_REVIEW
            else part
            for part in taking.step.tasks
        )

    async def take(self, taking: Taking[KycCase, KycStep]) -> None:
        session, step, values = taking.session, taking.step, taking.values
        taking.told |= await take_documents(session, step, step.documents, step.tasks, step.change_id)
        if taking.task_due_at is not None and values.get("status") is KycStatus.UNDER_REVIEW:
            values["due_at"] = taking.task_due_at
        status = values.get("status") or (taking.row.status if taking.opens else None)
        customer = await session.get_one(Customer, taking.row.id)
        moved = await move_customer(session, step, taking.row, customer, status, ends_grace=step.ends_grace)
        values |= moved.values
        taking.silent = step.ends_grace and not moved.suspended
        taking.afterwards += [
            lambda: audit_documents(session, step, step.documents, step.deed),
            lambda: moved.record(session, step),
        ]

    async def notices(self, taking: Taking[KycCase, KycStep]) -> list[Notice]:
        session, step, case = taking.session, taking.step, taking.row
        customer = await session.get_one(Customer, case.id)
        if not step.notices or customer.status is CustomerStatus.INACTIVE:
            return []
        told = [document for document in await documents_of(session, case.id) if document.id in step.tells_of]
        context: dict[str, Any] = {
            "number": case.number,
            "reason": taking.reason or "",
            "documents": [document.type for document in told],
        }
        if last_day := min((document.expires_on for document in told if document.expires_on), default=None):
            context["last_day"] = last_day.isoformat()
        if case.due_at:
            context["due_at"] = case.due_at.isoformat()
        people = await people_of_customer(session, case.id)
        return [Notice(notice.template, account_id, context) for notice in step.notices for account_id in people]
