"""The check of a customer's identity: which documents it takes, what may become of them, and when it is risky.

    collecting -> under_review -> approved | rejected | changes_requested -> (submitted again) under_review
    approved -> expired, when a document does; approved | expired -> under_review, when a document is replaced

A document is valid until the end of its last day in the tenant's timezone; all instants are UTC.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.cases import Party
from domain.customers.states import CustomerKind, KycStatus
from domain.refusal import Refusal


class DocumentType(StrEnum):
    NATIONAL_ID = "national_id"
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving_licence"
    PROOF_OF_ADDRESS = "proof_of_address"
    COMPANY_REGISTRATION = "company_registration"
    TAX_CERTIFICATE = "tax_certificate"
    BANK_STATEMENT = "bank_statement"


class DocumentStatus(StrEnum):
    """`uploaded` documents wait for a reviewer."""

    UPLOADED = "uploaded"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


class DocumentDeed(StrEnum):
    """What somebody does to a document."""

    HANDED_IN = "handed_in"
    CHANGED = "changed"
    REMOVED = "removed"


class Risk(StrEnum):
    """A case of high risk takes two reviewers."""

    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True)
class Requirement:
    """One thing that has to be shown, by any one of these documents."""

    name: str
    one_of: tuple[DocumentType, ...]


_D = DocumentType
_IDENTITY = Requirement("identity", (_D.NATIONAL_ID, _D.PASSPORT, _D.DRIVING_LICENCE))

REQUIRED: dict[CustomerKind, tuple[Requirement, ...]] = {
    CustomerKind.INDIVIDUAL: (_IDENTITY, Requirement("proof_of_address", (_D.PROOF_OF_ADDRESS,))),
    CustomerKind.CORPORATE: (
        Requirement("company_registration", (_D.COMPANY_REGISTRATION,)),
        Requirement("tax_certificate", (_D.TAX_CERTIFICATE,)),
        _IDENTITY,
    ),
}
"""The identity of a corporate customer is that of somebody who represents it."""

_S = KycStatus

TRANSITIONS: dict[KycStatus, frozenset[KycStatus]] = {
    _S.NONE: frozenset({_S.COLLECTING}),
    _S.COLLECTING: frozenset({_S.UNDER_REVIEW}),
    _S.UNDER_REVIEW: frozenset({_S.APPROVED, _S.REJECTED, _S.CHANGES_REQUESTED}),
    _S.CHANGES_REQUESTED: frozenset({_S.UNDER_REVIEW, _S.COLLECTING}),
    _S.APPROVED: frozenset({_S.UNDER_REVIEW, _S.EXPIRED}),
    _S.REJECTED: frozenset({_S.COLLECTING}),
    _S.EXPIRED: frozenset({_S.UNDER_REVIEW}),
}

WAITS_FOR: dict[KycStatus, Party] = {
    _S.NONE: Party.CUSTOMER,
    _S.COLLECTING: Party.CUSTOMER,
    _S.UNDER_REVIEW: Party.US,
    _S.CHANGES_REQUESTED: Party.CUSTOMER,
    _S.APPROVED: Party.TIME,
    _S.REJECTED: Party.CUSTOMER,
    _S.EXPIRED: Party.CUSTOMER,
}
"""Of one that is approved the documents expire."""

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document as its case knows it; number and files are content and stay in the database.

    `expires_at` is the end of `expires_on`. `replaced` ones were followed by a newer one and count no more.
    """

    id: UUID
    type: DocumentType
    uploader_id: UUID
    status: DocumentStatus = DocumentStatus.UPLOADED
    issued_on: date | None = None
    expires_on: date | None = None
    expires_at: datetime | None = None
    country: str | None = None
    decided_at: datetime | None = None
    replaced: bool = False
    removed: bool = False

    @property
    def pending(self) -> bool:
        """Whether it waits for a reviewer."""
        return self.status is DocumentStatus.UPLOADED and not self.removed

    def counts(self, now: datetime) -> bool:
        """Whether it shows anything at `now`, or will once it is approved."""
        valid = self.expires_at is None or self.expires_at > now
        shown = self.status in (DocumentStatus.UPLOADED, DocumentStatus.APPROVED)
        return shown and valid and not self.replaced and not self.removed


def transition(current: KycStatus, to: KycStatus) -> KycStatus:
    """Returns `to` when a case in `current` may become it. Raises Refusal `kyc_under_review`, `kyc_transition`."""
    if to in TRANSITIONS[current]:
        return to
    if current is KycStatus.UNDER_REVIEW:
        raise under_review()
    raise Refusal("kyc_transition", f"An identity check that is {_words(current)} cannot become {_words(to)}.")


def under_review() -> Refusal:
    """The refusal for a change of a case that a reviewer is looking at."""
    return Refusal("kyc_under_review", "The documents are under review and cannot be changed meanwhile.")


def check_possible(issued_on: date | None, expires_on: date | None) -> None:
    """Raises Refusal `dates_impossible` for dates that no document can have, whatever the day is."""
    for day in (issued_on, expires_on):
        if day is not None and not EARLIEST <= day <= LATEST:
            raise Refusal("dates_impossible", f"A document's dates lie between {EARLIEST} and {LATEST}.")
    if issued_on is not None and expires_on is not None and issued_on >= expires_on:
        raise Refusal("dates_impossible", "A document cannot expire before it was issued.")


def check_dates(document: Document, issued_at: datetime | None, now: datetime) -> None:
    """Raises Refusal `dates_impossible`, `issued_in_future`, `document_expired`; `issued_at` begins `issued_on`."""
    check_possible(document.issued_on, document.expires_on)
    if issued_at is not None and issued_at > now:
        raise Refusal("issued_in_future", "The date of issue lies in the future.")
    if document.expires_at is not None and document.expires_at <= now:
        raise Refusal("document_expired", "This document has expired.")


def add(documents: Iterable[Document], new: Document) -> None:
    """Raises Refusal `document_pending` when one of the type waits for a reviewer already."""
    if any(document.pending and document.type is new.type for document in documents):
        raise Refusal("document_pending", f"A {_words(new.type)} is waiting for review already: remove that one first.")


def missing(kind: CustomerKind, documents: Iterable[Document], now: datetime) -> tuple[str, ...]:
    """The names of what is still to be shown."""
    shown = {document.type for document in documents if document.counts(now)}
    return tuple(needed.name for needed in REQUIRED[kind] if shown.isdisjoint(needed.one_of))


def require_complete(kind: CustomerKind, documents: Iterable[Document], now: datetime) -> None:
    """Raises Refusal `documents_missing`, naming them."""
    if lacking := missing(kind, documents, now):
        raise documents_missing(lacking)


def documents_missing(lacking: Iterable[str]) -> Refusal:
    """The refusal for a case that is submitted without these documents."""
    return Refusal("documents_missing", f"Still missing: {', '.join(lacking)}.")


def require_waiting(documents: Iterable[Document]) -> None:
    """Raises Refusal `nothing_to_review` when no document waits for a reviewer."""
    if not any(document.pending for document in documents):
        raise Refusal("nothing_to_review", "No document is waiting for a review.")


def waiting(documents: Iterable[Document], document_id: UUID) -> Document:
    """The document of that id. Raises Refusal `document_settled` when it does not wait for a reviewer."""
    for document in documents:
        if document.id == document_id and document.pending:
            return document
    raise document_settled()


def document_settled() -> Refusal:
    """The refusal for a change of a document that a reviewer has decided already."""
    return Refusal("document_settled", "Only a document that waits for review can be changed or removed.")


def replaces(documents: Iterable[Document], new: Document) -> bool:
    """Whether a document takes the place of one that was approved."""
    taken = (DocumentStatus.APPROVED, DocumentStatus.EXPIRED)
    return any(old.type is new.type and old.status in taken and not old.replaced for old in documents)


def approved(documents: Iterable[Document], at: datetime) -> tuple[Document, ...]:
    """What an approval changes: pending documents become approved, and the older ones of their types become
    replaced."""
    documents = tuple(documents)
    fresh = tuple(
        replace(document, status=DocumentStatus.APPROVED, decided_at=at) for document in documents if document.pending
    )
    types = {document.type for document in fresh}
    over = tuple(
        replace(old, replaced=True)
        for old in documents
        if old.type in types and not old.pending and not old.replaced and not old.removed
    )
    return fresh + over


def rejected(
    documents: Iterable[Document], at: datetime, choices: Mapping[str, str] | None = None
) -> tuple[Document, ...]:
    """The pending documents that become rejected: those marked so in `choices` (document id -> status), or all without
    any.

    Documents that the reviewer found good stay pending: they are approved together, with the case.
    """
    return tuple(
        replace(document, status=DocumentStatus.REJECTED, decided_at=at)
        for document in documents
        if document.pending and (choices is None or choices.get(str(document.id)) == DocumentStatus.REJECTED)
    )


def risk_of(
    kind: CustomerKind,
    volume: int | None,
    countries: Iterable[str | None],
    *,
    set_by_hand: Risk | None,
    corporate_limit: int,
    listed: Iterable[str],
) -> Risk:
    """How risky a case is: as somebody has set it, else high for a listed country or a company over the limit.

    `volume` is what the customer expects to turn over in a year, in minor units of the tenant's currency.
    """
    if set_by_hand is not None:
        return set_by_hand
    large = kind is CustomerKind.CORPORATE and volume is not None and volume > corporate_limit
    return Risk.HIGH if large or not set(listed).isdisjoint(countries) else Risk.NORMAL


def _words(name: StrEnum) -> str:
    return name.replace("_", " ")
