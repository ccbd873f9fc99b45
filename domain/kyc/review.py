"""The tasks of an identity check: the review, which decides each document and with it the case, and the call that an
expiry asks for."""

from collections.abc import Iterable
from typing import Any

from domain.kyc.rules import Document, DocumentStatus, Risk
from domain.kyc.settings import KycSettings
from domain.people.permissions import Permission
from domain.refusal import Refusal
from domain.tasks.form import FieldType, Form, FormField
from domain.tasks.rules import Decision
from domain.tasks.schedule import TaskTerms

DOCUMENTS = "documents"
REASONS = "document_reasons"


def approvals_for(risk: Risk) -> int:
    """How many people have to approve."""
    return 2 if risk is Risk.HIGH else 1


def review_of(documents: Iterable[Document], settings: KycSettings) -> dict[str, Any]:
    """The fields of the review's task: who handed in a document must not approve it."""
    waiting = [document for document in documents if document.pending]
    return {
        "decisions": (Decision.APPROVE, Decision.REJECT, Decision.REQUEST_CHANGES),
        "excluded": tuple(dict.fromkeys(document.uploader_id for document in waiting)),
        "permission": Permission.KYC_DECIDE.value,
        "form": _form(waiting),
        "terms": TaskTerms(
            due_minutes=settings.review_hours * 60,
            remind_minutes_before=tuple(hours * 60 for hours in settings.review_remind_hours),
            escalate_minutes_after=tuple(hours * 60 for hours in settings.review_escalate_hours),
        ),
    }


def expiry_terms(settings: KycSettings) -> TaskTerms:
    """How long the staff may take to talk to a customer whose document has expired."""
    return TaskTerms(due_minutes=settings.expiry_task_hours * 60, escalate_minutes_after=(0,))


def choices_for(decision: Decision, fields: dict[str, dict[str, str]]) -> dict[str, str]:
    """What the reviewer chose for each document, by its id. Raises Refusal `field_invalid` when the case is approved
    while one of its documents is rejected."""
    choices = fields.get(DOCUMENTS, {})
    if decision is Decision.APPROVE and DocumentStatus.REJECTED in choices.values():
        sentence = "A case cannot be approved while one of its documents is rejected."
        raise Refusal("field_invalid", sentence, field="decision")
    return choices


def _form(waiting: list[Document]) -> Form:
    subjects = tuple(str(document.id) for document in waiting)
    return (
        FormField(
            name=DOCUMENTS,
            type=FieldType.CHOICES,
            title="What becomes of each document",
            options=(DocumentStatus.APPROVED, DocumentStatus.REJECTED),
            subjects=subjects,
        ),
        FormField(name=REASONS, type=FieldType.TEXTS, title="What is wrong with a document", subjects=subjects),
    )
