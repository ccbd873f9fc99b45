"""What goes in and out of the routes of identity checks."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from api.customers.schemas import Country
from api.files.schemas import AttachedFileView
from api.http.payloads import Payload, Reason, View
from api.identity.schemas.people import OneLine
from domain.customers.states import KycStatus
from domain.kyc.rules import DocumentStatus, DocumentType, Risk

MOST_FILES = 10
LARGEST_VOLUME = 10**15

DocumentNumber = Annotated[OneLine, StringConstraints(max_length=60)]


class DocumentBody(Payload):
    """A document with its file or files, such as both sides of a card: images or PDFs that you have uploaded for it."""

    type: DocumentType
    file_id: UUID | None = None
    file_ids: Annotated[list[UUID], Field(max_length=MOST_FILES)] = []
    number: DocumentNumber | None = None
    issued_on: date | None = None
    expires_on: Annotated[date | None, Field(description="The last day on which it is valid.")] = None
    country: Country | None = None

    @model_validator(mode="after")
    def _has_a_file(self) -> Self:
        if not self.files:
            raise ValueError("a document needs a file_id or file_ids")
        return self

    @property
    def files(self) -> dict[UUID, str]:
        """All of its files, in order, each once, and the field that names it."""
        fields = {self.file_id: "file_id"} if self.file_id else {}
        for place, file_id in enumerate(self.file_ids):
            fields.setdefault(file_id, f"file_ids.{place}")
        return fields


class EditDocumentBody(Payload):
    """What is left out stays as it is; null takes it away."""

    number: DocumentNumber | None = None
    issued_on: date | None = None
    expires_on: date | None = None
    country: Country | None = None


class SubmitBody(Payload):
    expected_volume: Annotated[
        int | None,
        Field(
            ge=0,
            le=LARGEST_VOLUME,
            description="What you expect to turn over with us in a year, in minor units of the tenant's currency.",
        ),
    ] = None


class RiskBody(Payload):
    """Null lets the rules decide about the risk again."""

    risk: Risk | None
    reason: Reason


class DocumentView(View):
    """A document; `replaced_at` is when a newer one of its type was approved in its place."""

    id: UUID
    type: DocumentType
    status: DocumentStatus
    number: str | None
    issued_on: date | None
    expires_on: date | None
    country: str | None
    files: list[AttachedFileView]
    reason: str | None
    uploaded_at: datetime
    decided_at: datetime | None
    replaced_at: datetime | None


class RequirementView(View):
    """One thing that has to be shown, by any one of these documents."""

    name: str
    one_of: list[DocumentType]


class KycView(View):
    """Where a customer's identity check stands; all times are UTC.

    `due_at` is when the review is due, or when the time for requested changes ends. `missing` names requirements.
    """

    customer_id: UUID
    number: str | None
    status: KycStatus
    required: list[RequirementView]
    missing: list[str]
    documents: list[DocumentView]
    can_activate: bool
    risk: Risk
    due_at: datetime | None
    version: int
