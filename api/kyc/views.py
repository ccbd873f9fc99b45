"""Identity checks and their documents, as they are shown."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.reader import Cases
from api.files.attachments import attached_files
from api.http.payloads import EventView
from api.http.problems import not_found
from api.identity.callers import Caller
from api.kyc.schemas import DocumentView, KycView, RequirementView
from domain.cases import CaseKind
from domain.customers import rules as customer_rules
from domain.kyc.events import SHOWN_TO_CUSTOMERS
from domain.kyc.rules import REQUIRED, Risk, missing
from domain.people.permissions import Permission
from domain.refusal import Refusal
from models.kyc import KycCase, KycDocument, KycDocumentFile
from models.people import Customer
from stores.kyc import document_of, document_rows

# Who of the staff did what is not for customers.
_STAFF_ONLY = ("risk", "risk_by_hand", "submitted_by")


def _redact(event: EventView) -> None:
    event.changes = {name: value for name, value in event.changes.items() if name not in _STAFF_ONLY}


async def _views(session: AsyncSession, caller: Caller, cases: Sequence[KycCase]) -> list[KycView]:  # noqa: ARG001
    return [await kyc_view(session, await session.get_one(Customer, case.id)) for case in cases]


KYC = Cases(
    CaseKind.KYC,
    KycCase,
    at="/customers/{}/kyc",
    read_all=Permission.KYC_READ_ALL,
    shown=SHOWN_TO_CUSTOMERS,
    redact=_redact,
    views=_views,
    customer="id",
    noun="identity check",
)


async def kyc_view(session: AsyncSession, customer: Customer) -> KycView:
    """The customer's identity check; one that has not begun lacks everything."""
    case = await session.get(KycCase, customer.id)
    alive = case if case and case.version else None
    documents = await document_rows(session, customer.id)
    return KycView(
        customer_id=customer.id,
        number=alive.number if alive else None,
        status=alive.status if alive else customer.kyc_status,
        required=[RequirementView.model_validate(needed) for needed in REQUIRED[customer.kind]],
        missing=list(_missing(customer, case, documents)),
        documents=await document_views(session, documents),
        can_activate=_can_activate(customer),
        risk=alive.risk if alive else Risk.NORMAL,
        due_at=alive.due_at if alive else None,
        version=alive.version if alive else 0,
    )


async def missing_of(session: AsyncSession, customer: Customer) -> tuple[str, ...]:
    """What the customer has still to show."""
    case = await session.get(KycCase, customer.id)
    return _missing(customer, case, await document_rows(session, customer.id))


def _missing(customer: Customer, case: KycCase | None, documents: Sequence[KycDocument]) -> tuple[str, ...]:
    # A case whose clock was moved forward lives later than the wall clock.
    now = max(datetime.now(UTC), case.updated_at) if case else datetime.now(UTC)
    return missing(customer.kind, tuple(map(document_of, documents)), now)


async def find_document(
    session: AsyncSession, customer_id: UUID, document_id: UUID, *, lock: bool = False
) -> KycDocument:
    """A document that the case has taken and not removed. Raises 404."""
    document = await session.get(KycDocument, document_id, with_for_update=lock)
    if document is None or document.customer_id != customer_id or not document.added_at or document.removed_at:
        raise not_found("document")
    return document


async def document_views(session: AsyncSession, documents: Sequence[KycDocument]) -> list[DocumentView]:
    """The documents with their files, in one query however many they are."""
    files = await attached_files(session, KycDocumentFile, "document_id", [document.id for document in documents])
    return [
        DocumentView.model_validate(
            {**document.model_dump(), "uploaded_at": document.added_at, "files": files[document.id]}
        )
        for document in documents
    ]


def _can_activate(customer: Customer) -> bool:
    try:
        customer_rules.activate(customer.status, customer.kyc_status)
    except Refusal:
        return False
    return True
