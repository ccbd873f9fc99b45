"""The commands of an identity check."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from domain.kyc.rules import Document, DocumentType, Risk
from domain.refusal import Refusal
from workflows.parts.messages import Command


@dataclass(frozen=True, kw_only=True)
class AddDocument(Command):
    """`issued_at` begins the day of issue, `expires_at` ends the last day, both in the tenant's timezone as UTC.

    `customer_country` is the customer's own.
    """

    document_id: UUID
    type: DocumentType
    issued_on: date | None = None
    issued_at: datetime | None = None
    expires_on: date | None = None
    expires_at: datetime | None = None
    country: str | None = None
    customer_country: str | None = None

    def document(self) -> Document:
        """The document as it is handed in. Raises Refusal `actor_unknown` when nobody does."""
        if self.actor.id is None:
            raise Refusal("actor_unknown", "A document is handed in by somebody.")
        return Document(
            id=self.document_id,
            type=self.type,
            uploader_id=self.actor.id,
            issued_on=self.issued_on,
            expires_on=self.expires_on,
            expires_at=self.expires_at,
            country=self.country,
        )


@dataclass(frozen=True, kw_only=True)
class ChangeDocument(Command):
    """`given` names what changes: of the dates, the country, and the number, which lies under `change_id`."""

    document_id: UUID
    change_id: UUID
    given: tuple[str, ...]
    issued_on: date | None = None
    issued_at: datetime | None = None
    expires_on: date | None = None
    expires_at: datetime | None = None
    country: str | None = None

    def applied_to(self, document: Document) -> Document:
        """The document with what is given."""
        given = {*self.given, "expires_at"} if "expires_on" in self.given else {*self.given}
        names = [name for name in ("issued_on", "expires_on", "expires_at", "country") if name in given]
        return replace(document, **{name: getattr(self, name) for name in names})


@dataclass(frozen=True, kw_only=True)
class RemoveDocument(Command):
    document_id: UUID


@dataclass(frozen=True, kw_only=True)
class Submit(Command):
    """`expected_volume` is what the customer expects to turn over in a year, in minor units; None leaves it."""

    expected_volume: int | None = None
    customer_country: str | None = None


@dataclass(frozen=True, kw_only=True)
class SetRisk(Command):
    """`risk` None lets the rules decide again."""

    risk: Risk | None = None
    customer_country: str | None = None
