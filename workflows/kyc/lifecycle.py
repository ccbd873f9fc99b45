"""The check of a customer's identity, for as long as the customer stays: one case, under the customer's id.

    collecting -> under_review -> approved | rejected | changes_requested
    changes_requested -> under_review, or back to collecting when its time is over
    approved -> expired, when a document does; both -> under_review, when the document is replaced

The customer hands in documents and submits them. Reviewers decide each document and the case, two of them when the risk
is high. Time reminds: of requested changes, of documents that will expire, and it suspends the customer when an expired
one is not replaced within the grace period.

Updates: add_document, change_document, remove_document, submit, set_risk, and those of tasks.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import CaseRef
    from activities.kyc.step import KycActivities, KycState, KycStep, KycStepResult
    from activities.tasks.step import TaskStep
    from domain.customers.states import KycStatus
    from domain.kyc import rules
    from domain.kyc.review import approvals_for, choices_for, expiry_terms, review_of
    from domain.kyc.rules import Document, DocumentStatus, Risk
    from domain.refusal import Refusal
    from domain.tasks.rules import Decision, Task, TaskKind
    from workflows.kyc.messages import (
        AddDocument,
        Carried,
        ChangeDocument,
        KycStart,
        RemoveDocument,
        SetRisk,
        Submit,
    )
    from workflows.kyc.plan import KycPlan
    from workflows.kyc.view import details, search_attributes
    from workflows.parts.case import CarriedCase, Case
    from workflows.parts.command import Command
    from workflows.parts.deadline import Deadline
    from workflows.parts.decision import decides
    from workflows.parts.task_messages import DecideTask
    from workflows.parts.tasks import DecidedByPeople, HumanTasks


@workflow.defn(name="KycWorkflow")
class KycWorkflow(DecidedByPeople):
    @workflow.init
    def __init__(self, start: KycStart) -> None:
        carried = start.carried or Carried(CarriedCase(), KycState(), ())
        self.kyc = carried.kyc
        self.case: Case[KycStep, KycStepResult] = Case(
            CaseRef(start.tenant_id, start.case_id),
            carried.case,
            take_step=KycActivities.take_step,
            load=KycActivities.load,
            adopt=self._adopt,
            due=self._on_due,
        )
        self.tasks: HumanTasks[KycStep] = HumanTasks(
            self.case, carried.tasks, make_step=self._step, settled=self._decided, check=self._may_decide
        )

    @workflow.run
    async def run(self, start: KycStart) -> None:
        if start.carried is None:
            await self.case.begin_from_row()
        await self.case.live()
        if not self.case.over:
            carried = Carried(self.case.carried(), self.kyc, self.tasks.pending)
            workflow.continue_as_new(KycStart(start.tenant_id, start.case_id, carried=carried))

    # What people ask for

    @decides
    def add_document(self, command: AddDocument) -> KycStep:
        """Takes a document; one that replaces an approved one starts a new review at once when nothing is missing."""
        self._refuse_under_review()
        new = command.document()
        rules.check_dates(new, command.issued_at, workflow.now())
        rules.add(self.kyc.documents, new)
        if self.kyc.status in (KycStatus.APPROVED, KycStatus.EXPIRED) and rules.replaces(self.kyc.documents, new):
            documents = (*self.kyc.documents, new)
            if not rules.missing(self.kyc.customer_kind, documents, workflow.now()):
                return self._review("document_replaced", command, documents, command.customer_country, new)
        begins_anew = self.kyc.status is KycStatus.REJECTED
        status = rules.transition(self.kyc.status, KycStatus.COLLECTING) if begins_anew else self.kyc.status
        return self._step("document_added", command, documents=(new,), status=status)

    @decides
    def change_document(self, command: ChangeDocument) -> KycStep:
        after = command.applied_to(self._waiting(command.document_id))
        rules.check_dates(after, command.issued_at, workflow.now())
        return self._step("document_changed", command, documents=(after,), change_id=command.change_id)

    @decides
    def remove_document(self, command: RemoveDocument) -> KycStep:
        document = self._waiting(command.document_id)
        return self._step("document_removed", command, documents=(replace(document, removed=True),))

    @decides
    def submit(self, command: Submit) -> KycStep:
        """Asks reviewers to look at the documents, when none is missing."""
        self._refuse_under_review()
        rules.require_complete(self.kyc.customer_kind, self.kyc.documents, workflow.now())
        rules.require_waiting(self.kyc.documents)
        volume = command.expected_volume
        return self._review("submitted", command, self.kyc.documents, command.customer_country, volume=volume)

    def _review(
        self,
        kind: str,
        command: Command,
        documents: tuple[Document, ...],
        country: str | None,
        *new: Document,
        volume: int | None = None,
    ) -> KycStep:
        volume = self.kyc.expected_volume if volume is None else volume
        risk = self._risk(country, documents, volume, self.kyc.risk if self.kyc.risk_by_hand else None)
        task = self.tasks.opening(
            TaskKind.KYC_REVIEW,
            "reviewer",
            requested_by=command.actor.id,
            approvals_needed=approvals_for(risk),
            **review_of(documents, self.kyc.settings),
        )
        return self._step(
            kind,
            command,
            documents=new,
            tasks=(*self.tasks.cancelling(TaskKind.KYC_EXPIRY), task),
            status=rules.transition(self.kyc.status, KycStatus.UNDER_REVIEW),
            risk=risk,
            expected_volume=volume,
            submitted_by=command.actor.id,
        )

    @decides
    def set_risk(self, command: SetRisk) -> KycStep:
        """Sets the risk by hand, or leaves it to the rules again; a review that is under way then takes two."""
        by_hand = command.risk is not None
        if by_hand is self.kyc.risk_by_hand and command.risk in (None, self.kyc.risk):
            raise Refusal("nothing_changes", "The risk is already set like this.")
        risk = self._risk(command.customer_country, self.kyc.documents, self.kyc.expected_volume, command.risk)
        if risk is not Risk.HIGH:
            self._refuse_under_review()
        reviews = [task for task in self.tasks.pending if task.kind is TaskKind.KYC_REVIEW]
        tasks = tuple(self.tasks.changing(task, approvals_needed=approvals_for(risk)) for task in reviews)
        return self._step("risk_set", command, tasks=tasks, risk=risk, risk_by_hand=by_hand)

    # What reviewers decide

    def _may_decide(self, command: DecideTask, task: Task) -> None:
        if task.kind is TaskKind.KYC_REVIEW and command.decision is Decision.APPROVE:
            choices_for(command.decision, command.fields)
            rules.require_complete(self.kyc.customer_kind, self.kyc.documents, workflow.now())

    def _decided(self, command: DecideTask, part: TaskStep) -> KycStep:
        now, documents = workflow.now(), self.kyc.documents
        if part.task.kind is not TaskKind.KYC_REVIEW:
            return self._step("expiry_handled", command, tasks=(part,))
        match command.decision:
            case Decision.APPROVE:
                renewed: dict[str, Any] = {"expired_since": None, "grace_ended_at": None}
                return self._concluded(KycStatus.APPROVED, command, part, rules.approved(documents, now), **renewed)
            case Decision.REJECT:
                return self._concluded(KycStatus.REJECTED, command, part, rules.rejected(documents, now))
            case _:
                wrong = rules.rejected(documents, now, choices_for(command.decision, command.fields))
                until = now + timedelta(days=self.kyc.settings.changes_days)
                return self._concluded(KycStatus.CHANGES_REQUESTED, command, part, wrong, due_at=until)

    def _concluded(
        self, status: KycStatus, command: DecideTask, part: TaskStep, documents: tuple[Document, ...], **changes: Any
    ) -> KycStep:
        changes = {"status": rules.transition(self.kyc.status, status), "due_at": None, **changes}
        return self._step(status, command, documents=documents, tasks=(part,), notices=(f"kyc_{status}",), **changes)

    # What time does

    def _on_due(self, deadline: Deadline) -> KycStep | None:
        if step := self.tasks.due(deadline):
            return step
        plan, days = KycPlan(self.case.deadlines, self.kyc), self.kyc.settings
        if plan.reminds_of_changes(deadline):
            why, told = "The requested changes are due soon.", ("kyc_changes_reminder",)
            return self._step("changes_reminded", reason=why, reminded_until=deadline.at, notices=told)
        if plan.ends_changes(deadline):
            why = f"The requested changes did not come within {days.changes_days} days."
            status = rules.transition(self.kyc.status, KycStatus.COLLECTING)
            return self._step("changes_lapsed", reason=why, status=status, due_at=None, notices=("kyc_changes_lapsed",))
        if documents := plan.reminds_of_expiry(deadline):
            why, told = "A document expires soon.", ("kyc_document_expires",)
            until = deadline.at
            return self._step("expiry_reminded", reason=why, reminded_until=until, tells_of=documents, notices=told)
        if plan.ends_grace(deadline):
            why = f"The identity check was not renewed within {days.grace_days} days."
            return self._step("grace_ended", reason=why, grace_ended_at=workflow.now(), notices=("kyc_suspended",))
        over = plan.expired(deadline)
        return self._expired(over) if over else None

    def _expired(self, documents: tuple[Document, ...]) -> KycStep:
        over = tuple(replace(document, status=DocumentStatus.EXPIRED) for document in documents)
        told: dict[str, Any] = {
            "documents": over,
            "tells_of": tuple(document.id for document in over),
            "expired_since": self.kyc.expired_since or workflow.now(),
            "reason": "The last day of a document has passed.",
        }
        if self.kyc.status is not KycStatus.APPROVED:
            return self._step("document_expired", **told)
        terms = expiry_terms(self.kyc.settings)
        return self._step(
            "expired",
            tasks=(self.tasks.opening(TaskKind.KYC_EXPIRY, "agent", terms=terms),),
            status=rules.transition(self.kyc.status, KycStatus.EXPIRED),
            notices=("kyc_expired",),
            **told,
        )

    # What comes of a step

    def _step(
        self,
        kind: str,
        command: Command | None = None,
        /,
        *,
        reason: str | None = None,
        tasks: tuple[TaskStep, ...] = (),
        documents: tuple[Document, ...] = (),
        notices: tuple[str, ...] = (),
        tells_of: tuple[UUID, ...] = (),
        change_id: UUID | None = None,
        **changes: Any,
    ) -> KycStep:
        return KycStep(
            **self.case.next_step(kind, command),
            reason=reason,
            changes={name: value for name, value in changes.items() if value != getattr(self.kyc, name)},
            documents=documents,
            tasks=tasks,
            notices=notices,
            tells_of=tells_of,
            change_id=change_id,
        )

    def _adopt(self, result: KycStepResult, last_step: str) -> None:
        self.kyc = result.kyc
        self.case.deadlines.clear()
        self.tasks.adopt(result.tasks)
        KycPlan(self.case.deadlines, self.kyc).make()
        self.case.show(
            [*search_attributes(self.case.ref.tenant_id, self.kyc), *self.tasks.attributes()],
            details(self.kyc, self.tasks.details(), self.case.version, last_step, self.case.deadlines.next),
        )

    def _waiting(self, document_id: UUID) -> Document:
        self._refuse_under_review()
        return rules.waiting(self.kyc.documents, document_id)

    def _refuse_under_review(self) -> None:
        if self.kyc.status is KycStatus.UNDER_REVIEW:
            raise rules.under_review()

    def _risk(
        self, country: str | None, documents: tuple[Document, ...], volume: int | None, by_hand: Risk | None
    ) -> Risk:
        settings = self.kyc.settings
        shown = [document.country for document in documents if document.counts(workflow.now())]
        limits: dict[str, Any] = {"corporate_limit": settings.corporate_limit, "listed": settings.listed_countries}
        return rules.risk_of(self.kyc.customer_kind, volume, [country, *shown], set_by_hand=by_hand, **limits)
