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
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import CaseNotice
    from activities.kyc.step import KycStep
    from domain.customers.states import KycStatus
    from domain.kyc import rules
    from domain.kyc.events import KycEvent
    from domain.kyc.review import approvals_for, choices_for, expiry_terms, review_of
    from domain.kyc.rules import Document, DocumentDeed, DocumentStatus, Risk
    from domain.kyc.state import KycState
    from domain.refusal import Refusal
    from domain.tasks.deeds import TaskStep
    from domain.tasks.rules import Decision, Task, TaskKind
    from workflows.kyc.messages import AddDocument, ChangeDocument, RemoveDocument, SetRisk, Submit
    from workflows.kyc.plan import CHANGES, EXPIRE, GRACE, REMIND_OF_CHANGES, REMIND_OF_EXPIRY, KycPlan
    from workflows.kyc.view import WAITS_FOR, due_as_shown_before, facts
    from workflows.parts.deadlines import Deadline
    from workflows.parts.decisions import decides, falls_due
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.messages import CaseStart, Command, DecideTask


@workflow.defn(name="KycWorkflow")
class KycWorkflow(Lifecycle[KycState, KycStep]):
    waits_for = WAITS_FOR

    @workflow.init
    def __init__(self, start: CaseStart[KycState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[KycState]) -> None:
        await self.live(start)

    # What people ask for

    @decides
    def add_document(self, command: AddDocument) -> KycStep:
        """Takes a document; one that replaces an approved one starts a new review at once when nothing is missing."""
        self._refuse_under_review()
        new = command.document()
        rules.check_dates(new, command.issued_at, workflow.now())
        rules.add(self.state.documents, new)
        if self.state.status in (KycStatus.APPROVED, KycStatus.EXPIRED) and rules.replaces(self.state.documents, new):
            with_it = self.state.having([new])
            if not rules.missing(self.state.customer_kind, with_it.documents, workflow.now()):
                handed_in = {"documents": (new,), "deed": DocumentDeed.HANDED_IN}
                return self._review(KycEvent.DOCUMENT_REPLACED, command, with_it, command.customer_country, **handed_in)
        begins_anew = self.state.status is KycStatus.REJECTED
        to = self.state.becomes(KycStatus.COLLECTING, workflow.now()) if begins_anew else self.state
        return self._documents(KycEvent.DOCUMENT_ADDED, command, DocumentDeed.HANDED_IN, new, to=to)

    @decides
    def change_document(self, command: ChangeDocument) -> KycStep:
        after = command.applied_to(self._waiting(command.document_id))
        rules.check_dates(after, command.issued_at, workflow.now())
        change_id = command.change_id
        return self._documents(KycEvent.DOCUMENT_CHANGED, command, DocumentDeed.CHANGED, after, change_id=change_id)

    @decides
    def remove_document(self, command: RemoveDocument) -> KycStep:
        removed = replace(self._waiting(command.document_id), removed=True)
        return self._documents(KycEvent.DOCUMENT_REMOVED, command, DocumentDeed.REMOVED, removed)

    @decides
    def submit(self, command: Submit) -> KycStep:
        """Asks reviewers to look at the documents, when none is missing."""
        self._refuse_under_review()
        rules.require_complete(self.state.customer_kind, self.state.documents, workflow.now())
        rules.require_waiting(self.state.documents)
        volume = self.state.expected_volume if command.expected_volume is None else command.expected_volume
        submitted = replace(self.state, expected_volume=volume)
        return self._review(KycEvent.SUBMITTED, command, submitted, command.customer_country)

    def _review(
        self, event: KycEvent, command: Command, submitted: KycState, country: str | None, **facts: Any
    ) -> KycStep:
        risk = self._risk(country, submitted, self.state.risk if self.state.risk_by_hand else None)
        task = self.tasks.opening(
            TaskKind.KYC_REVIEW,
            "reviewer",
            requested_by=command.actor.id,
            approvals_needed=approvals_for(risk),
            **review_of(submitted.documents, self.state.settings),
        )
        to = replace(submitted, risk=risk, submitted_by=command.actor.id)
        to = to.becomes(KycStatus.UNDER_REVIEW, workflow.now())
        return self.step(event, command, to=to, tasks=(*self.tasks.cancelling(TaskKind.KYC_EXPIRY), task), **facts)

    @decides
    def set_risk(self, command: SetRisk) -> KycStep:
        """Sets the risk by hand, or leaves it to the rules again; a review that is under way then takes two."""
        by_hand = command.risk is not None
        if by_hand is self.state.risk_by_hand and command.risk in (None, self.state.risk):
            raise Refusal("nothing_changes", "The risk is already set like this.")
        risk = self._risk(command.customer_country, self.state, command.risk)
        if risk is not Risk.HIGH:
            self._refuse_under_review()
        reviews = [task for task in self.tasks.pending if task.kind is TaskKind.KYC_REVIEW]
        tasks = tuple(self.tasks.changing(task, approvals_needed=approvals_for(risk)) for task in reviews)
        return self.step(
            KycEvent.RISK_SET, command, to=replace(self.state, risk=risk, risk_by_hand=by_hand), tasks=tasks
        )

    # What reviewers decide

    def check(self, command: DecideTask, task: Task) -> None:
        if task.kind is TaskKind.KYC_REVIEW and command.decision is Decision.APPROVE:
            choices_for(command.decision, command.fields)
            rules.require_complete(self.state.customer_kind, self.state.documents, workflow.now())

    def settled(self, command: DecideTask, part: TaskStep) -> KycStep:
        now, documents = workflow.now(), self.state.documents
        if part.task.kind is not TaskKind.KYC_REVIEW:
            return self.step(KycEvent.EXPIRY_HANDLED, command, tasks=(part,))
        match command.decision:
            case Decision.APPROVE:
                renewed = replace(self.state, expired_since=None, grace_ended_at=None)
                return self._concluded(KycStatus.APPROVED, command, part, rules.approved(documents, now), renewed)
            case Decision.REJECT:
                return self._concluded(KycStatus.REJECTED, command, part, rules.rejected(documents, now), self.state)
            case _:
                wrong = rules.rejected(documents, now, choices_for(command.decision, command.fields))
                until = now + timedelta(days=self.state.settings.changes_days)
                return self._concluded(KycStatus.CHANGES_REQUESTED, command, part, wrong, self.state, due_at=until)

    def _concluded(
        self,
        status: KycStatus,
        command: DecideTask,
        part: TaskStep,
        documents: tuple[Document, ...],
        reviewed: KycState,
        due_at: datetime | None = None,
    ) -> KycStep:
        to = replace(reviewed.having(documents), due_at=due_at).becomes(status, workflow.now())
        told = (CaseNotice(f"kyc_{status}", "customer"),)
        return self.step(KycEvent(status), command, to=to, documents=documents, tasks=(part,), notices=told)

    # What time does

    def plan(self) -> None:
        self._plan.make()

    @property
    def _plan(self) -> KycPlan:
        return KycPlan(self.case.deadlines, self.state)

    @falls_due(REMIND_OF_CHANGES)
    def _changes_reminded(self, deadline: Deadline) -> KycStep:
        return self.step(
            KycEvent.CHANGES_REMINDED,
            to=replace(self.state, reminded_until=deadline.at),
            reason="The requested changes are due soon.",
            notices=(CaseNotice("kyc_changes_reminder", "customer"),),
        )

    @falls_due(CHANGES)
    def _changes_lapsed(self, _: Deadline) -> KycStep:
        return self.step(
            KycEvent.CHANGES_LAPSED,
            to=replace(self.state, due_at=None).becomes(KycStatus.COLLECTING, workflow.now()),
            reason=f"The requested changes did not come within {self.state.settings.changes_days} days.",
            notices=(CaseNotice("kyc_changes_lapsed", "customer"),),
        )

    @falls_due(REMIND_OF_EXPIRY)
    def _expiry_reminded(self, deadline: Deadline) -> KycStep | None:
        documents = self._plan.reminded_of(deadline)
        if not documents:
            return None
        return self.step(
            KycEvent.EXPIRY_REMINDED,
            to=replace(self.state, reminded_until=deadline.at),
            reason="A document expires soon.",
            tells_of=documents,
            notices=(CaseNotice("kyc_document_expires", "customer"),),
        )

    @falls_due(GRACE)
    def _grace_ended(self, _: Deadline) -> KycStep:
        return self.step(
            KycEvent.GRACE_ENDED,
            to=replace(self.state, grace_ended_at=workflow.now()),
            reason=f"The identity check was not renewed within {self.state.settings.grace_days} days.",
            notices=(CaseNotice("kyc_suspended", "customer"),),
            ends_grace=True,
        )

    @falls_due(EXPIRE)
    def _expired(self, deadline: Deadline) -> KycStep | None:
        over = tuple(replace(each, status=DocumentStatus.EXPIRED) for each in self._plan.expired(deadline))
        if not over:
            return None
        now = workflow.now()
        to = replace(self.state.having(over), expired_since=self.state.expired_since or now)
        about: dict[str, Any] = {
            "documents": over,
            "tells_of": tuple(document.id for document in over),
            "reason": "The last day of a document has passed.",
        }
        if self.state.status is not KycStatus.APPROVED:
            return self.step(KycEvent.DOCUMENT_EXPIRED, to=to, **about)
        call = self.tasks.opening(TaskKind.KYC_EXPIRY, "agent", terms=expiry_terms(self.state.settings))
        to = to.becomes(KycStatus.EXPIRED, now)
        told = (CaseNotice("kyc_expired", "customer"),)
        return self.step(KycEvent.EXPIRED, to=to, tasks=(call,), notices=told, **about)

    # What the rules need to know

    def _documents(
        self,
        event: KycEvent,
        command: Command,
        deed: DocumentDeed,
        document: Document,
        *,
        to: KycState | None = None,
        **facts: Any,
    ) -> KycStep:
        after = (to or self.state).having([document])
        return self.step(event, command, to=after, documents=(document,), deed=deed, **facts)

    def _waiting(self, document_id: UUID) -> Document:
        self._refuse_under_review()
        return rules.waiting(self.state.documents, document_id)

    def _refuse_under_review(self) -> None:
        if self.state.status is KycStatus.UNDER_REVIEW:
            raise rules.under_review()

    def _risk(self, country: str | None, submitted: KycState, by_hand: Risk | None) -> Risk:
        settings = self.state.settings
        shown = [document.country for document in submitted.documents if document.counts(workflow.now())]
        limits: dict[str, Any] = {"corporate_limit": settings.corporate_limit, "listed": settings.listed_countries}
        kind, volume = self.state.customer_kind, submitted.expected_volume
        return rules.risk_of(kind, volume, [country, *shown], set_by_hand=by_hand, **limits)

    # What an operator sees

    def due_as_shown_before(self) -> datetime | None:
        return due_as_shown_before(self.state)

    def facts(self) -> list[str]:
        return facts(self.state)
