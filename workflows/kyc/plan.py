"""The deadlines of an identity check that follow from its state, and the documents that each of them is about."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from domain.customers.states import KycStatus
from domain.kyc.rules import Document, DocumentStatus
from domain.kyc.state import KycState
from workflows.parts.deadlines import Deadline, Deadlines
from workflows.parts.reminders import Reminders

CHANGES, GRACE, EXPIRE = "changes", "grace", "expire"
REMIND_OF_CHANGES, REMIND_OF_EXPIRY = "remind_changes", "remind_expiry"

# While a reviewer looks at documents, or the customer still has time for changes, nobody is suspended.
_GRACE_RUNS = frozenset({KycStatus.EXPIRED, KycStatus.COLLECTING, KycStatus.REJECTED})


class KycPlan:
    """The deadlines that follow from the state of a case; computed anew after each step."""

    def __init__(self, deadlines: Deadlines, kyc: KycState) -> None:
        self._deadlines, self._kyc = deadlines, kyc
        days = tuple(timedelta(days=-days) for days in kyc.settings.changes_remind_days)
        self._of_changes = Reminders(deadlines, REMIND_OF_CHANGES, days, "remind the customer of the requested changes")

    def make(self) -> None:
        """Sets the deadlines of the case; those of its tasks are the tasks' own."""
        kyc = self._kyc
        changes_until = kyc.due_at if kyc.status is KycStatus.CHANGES_REQUESTED else None
        self._of_changes.follow(changes_until, self._handled_until(kyc.status_since))
        if changes_until:
            self._deadlines.set(CHANGES, changes_until, "the time for the requested changes is over")
        for document in self._expiring():
            if document.expires_at:
                self._deadlines.set(f"{EXPIRE}/{document.id}", document.expires_at, "a document expires")
                if not self._followed(document):
                    since = self._handled_until(document.decided_at or kyc.status_since)
                    self._of_expiry(document).follow(document.expires_at, since)
        if kyc.expired_since and not kyc.grace_ended_at and kyc.status in _GRACE_RUNS:
            grace = timedelta(days=kyc.settings.grace_days)
            self._deadlines.set(GRACE, kyc.expired_since + grace, "the grace period ends: suspend the customer")

    def reminded_of(self, deadline: Deadline) -> tuple[UUID, ...]:
        """The documents that are to be reminded of at this deadline: all that have a reminder at its moment."""
        offsets = [timedelta(days=days) for days in self._kyc.settings.expiry_remind_days]
        return tuple(
            document.id
            for document in self._expiring()
            if document.expires_at and deadline.at in [document.expires_at - offset for offset in offsets]
        )

    def expired(self, deadline: Deadline) -> tuple[Document, ...]:
        """The documents whose time is over at this deadline."""
        return tuple(
            document for document in self._expiring() if document.expires_at and document.expires_at <= deadline.at
        )

    def _expiring(self) -> Iterator[Document]:
        for document in self._kyc.documents:
            if document.status is DocumentStatus.APPROVED and document.expires_at and not document.replaced:
                yield document

    def _followed(self, document: Document) -> bool:
        """Whether the customer has handed in a newer document of this type already."""
        return any(other.pending and other.type is document.type for other in self._kyc.documents)

    def _of_expiry(self, document: Document) -> Reminders:
        days = tuple(timedelta(days=-days) for days in self._kyc.settings.expiry_remind_days)
        return Reminders(
            self._deadlines, f"{REMIND_OF_EXPIRY}/{document.id}", days, "remind the customer: a document expires"
        )

    def _handled_until(self, since: datetime) -> datetime:
        return max(since, self._kyc.reminded_until or since)
