"""The check of a customer's identity: documents handed in, submitted for review, and read again."""

from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query, Request, Response
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.audit.entries import audit
from api.cases.commands import Asking, AskingDep, Read, ask
from api.cases.reader import answer
from api.customers.routes import find as find_customer
from api.files.attachments import take_files
from api.files.downloads import BYTES, require_scanned, send
from api.http.paging import PagingDep
from api.http.payloads import EventView, Page
from api.http.problems import Problem, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.kyc.schemas import DocumentBody, DocumentView, EditDocumentBody, KycView, RiskBody, SubmitBody
from api.kyc.views import KYC, document_views, find_document, kyc_view, missing_of
from domain.calendar import BusinessCalendar
from domain.customers.states import KycStatus
from domain.files.states import FileStatus
from domain.files.types import FileType
from domain.kyc import rules
from domain.kyc.rules import DocumentStatus
from domain.people.permissions import Permission
from models.cases import CommandRow
from models.files import StoredFile
from models.kyc import KycCase, KycDocument, KycDocumentFile
from models.people import Customer
from models.tenants import Tenant

router = Router(prefix="/customers/{customer_id}/kyc", tags=["identity checks"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.KYC_READ))]
# Also open to suspended customers: they come back by handing in a new document.
Submitter = Annotated[Caller, Depends(needs(Permission.KYC_SUBMIT, even_suspended=True))]
Decider = Annotated[Caller, Depends(needs(Permission.KYC_DECIDE))]

TAKEN_TYPES = frozenset({FileType.PDF, FileType.JPEG, FileType.PNG, FileType.WEBP})


@dataclass(frozen=True)
class _Facts:
    """What a command must say about the customer, because the workflow cannot read rows."""

    country: str | None
    calendar: BusinessCalendar

    def dates(self, issued_on: date | None, expires_on: date | None) -> dict[str, str | None]:
        """The dates of a document and the instants (UTC) at which its first day begins and its last one ends.

        Raises Refusal `dates_impossible`.
        """
        rules.check_possible(issued_on, expires_on)
        return {
            "issued_on": issued_on.isoformat() if issued_on else None,
            "issued_at": self._midnight(issued_on),
            "expires_on": expires_on.isoformat() if expires_on else None,
            "expires_at": self._midnight(expires_on + timedelta(days=1) if expires_on else None),
        }

    def _midnight(self, day: date | None) -> str | None:
        return self.calendar.midnight(day).isoformat() if day else None


@router.get("", response_model=KycView)
async def get_kyc(customer_id: UUID, caller: Reader, service: Service) -> Response:
    """Where the identity check stands: what is required, what is missing, and every document."""
    return answer(await find_kyc(customer_id, caller, service))


async def find_kyc(customer_id: UUID, caller: Reader, service: Service) -> KycView:
    """What `get_kyc` answers. Raises 404."""
    async with service.database.transaction(caller.tenant_id) as session:
        return await kyc_view(session, await find_customer(session, caller, customer_id))


@router.get("/timeline")
async def get_kyc_timeline(customer_id: UUID, caller: Reader, service: Service, paging: PagingDep) -> Page[EventView]:
    """What happened, oldest first, and why. Clients do not see who of the staff did what."""
    async with service.database.transaction(caller.tenant_id) as session:
        await find_customer(session, caller, customer_id)
        return await KYC.events(session, caller, customer_id, paging)


@router.post("/documents", status_code=HTTPStatus.CREATED, response_model=DocumentView)
async def add_kyc_document(customer_id: UUID, body: DocumentBody, asked: AskingDep, caller: Submitter) -> Response:
    """Hands in a document. One that replaces an approved or expired one starts a new review at once."""
    facts = await _facts(asked, caller, customer_id)
    document_id, dates = uuid7(), facts.dates(body.issued_on, body.expires_on)

    async def content(session: AsyncSession) -> None:
        await _begin(session, await find_customer(session, caller, customer_id))
        files = await take_files(session, caller, list(body.files), allowed=TAKEN_TYPES, fields=body.files)
        session.add(
            KycDocument(
                id=document_id,
                tenant_id=caller.tenant_id,
                customer_id=customer_id,
                uploader_id=caller.account_id,
                type=body.type,
                number=body.number,
                issued_on=body.issued_on,
                expires_on=body.expires_on,
                country=body.country,
            )
        )
        await session.flush()
        session.add_all(
            KycDocumentFile(tenant_id=caller.tenant_id, document_id=document_id, file_id=file_id, position=position)
            for position, file_id in enumerate(files)
        )
        await session.flush()

    arguments = {
        "document_id": document_id,
        "type": body.type,
        "country": body.country,
        "customer_country": facts.country,
        **dates,
    }
    return await ask(
        asked,
        caller,
        KYC,
        customer_id,
        "add_document",
        arguments,
        content=content,
        read=_document(customer_id),
        success=HTTPStatus.CREATED,
        at=lambda command: f"{KYC.address(customer_id)}/documents/{command.arguments['document_id']}",
    )


@router.get("/documents/{document_id}")
async def get_kyc_document(customer_id: UUID, document_id: UUID, caller: Reader, service: Service) -> DocumentView:
    """One document, and what became of it."""
    async with service.database.transaction(caller.tenant_id) as session:
        await find_customer(session, caller, customer_id)
        return (await document_views(session, [await find_document(session, customer_id, document_id)]))[0]


@router.patch("/documents/{document_id}", response_model=DocumentView)
async def edit_kyc_document(
    customer_id: UUID, document_id: UUID, body: EditDocumentBody, asked: AskingDep, caller: Submitter
) -> Response:
    """Corrects a document that waits for review; what a reviewer is looking at or has decided stays as it is."""
    facts = await _facts(asked, caller, customer_id)
    given, change_id = sorted(body.model_fields_set), uuid7()

    async def content(session: AsyncSession) -> None:
        await find_customer(session, caller, customer_id)
        document = await find_document(session, customer_id, document_id, lock=True)
        _require_pending(document)
        if "number" in given:
            document.proposals = {**document.proposals, str(change_id): {"number": body.number}}
            await session.flush()

    arguments = {
        "document_id": document_id,
        "change_id": change_id,
        "given": given,
        "country": body.country,
        **facts.dates(body.issued_on, body.expires_on),
    }
    return await ask(
        asked,
        caller,
        KYC,
        customer_id,
        "change_document",
        arguments,
        content=content,
        read=_document(customer_id),
    )


@router.delete("/documents/{document_id}", status_code=HTTPStatus.NO_CONTENT)
async def remove_kyc_document(customer_id: UUID, document_id: UUID, asked: AskingDep, caller: Submitter) -> Response:
    """Takes back a document that waits for review, with its files; decided ones belong to the history."""

    async def content(session: AsyncSession) -> None:
        await find_customer(session, caller, customer_id)
        _require_pending(await find_document(session, customer_id, document_id))

    sent = await ask(
        asked,
        caller,
        KYC,
        customer_id,
        "remove_document",
        {"document_id": document_id},
        content=content,
        read=_kyc(caller, customer_id),
    )
    return Response(status_code=HTTPStatus.NO_CONTENT) if sent.status_code == HTTPStatus.OK else sent


@router.get(
    "/documents/{document_id}/download",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": BYTES}},
        206: {"description": "The part that `Range` asks for", "content": {"application/octet-stream": BYTES}},
        304: {"description": "The file that `If-None-Match` names"},
    },
)
async def download_kyc_document(
    customer_id: UUID,
    document_id: UUID,
    request: Request,
    caller: Reader,
    service: Service,
    file_id: Annotated[UUID | None, Query(description="Which of its files; the first when it is left out")] = None,
) -> Response:
    """The bytes of a document's file. Each access is in the audit."""
    file = await opened(service, caller, customer_id, document_id, file_id, "kyc_document.downloaded")
    return await send(request, service.files, file)


async def opened(
    service: Services, caller: Caller, customer_id: UUID, document_id: UUID, file_id: UUID | None, how: str
) -> StoredFile:
    """A document's file, for its bytes to be read; the audit says that it was, and `how`. Raises 404, and 409 while
    the file has not been scanned."""
    async with service.database.transaction(caller.tenant_id) as session:
        await find_customer(session, caller, customer_id)
        await find_document(session, customer_id, document_id)
        file = await _file_of(session, document_id, file_id)
        require_scanned(file)
        detail = {"customer_id": customer_id, "file_id": file.id}
        await audit(session, caller, how, "kyc_document", document_id, detail)
    return file


@router.post("/submit", response_model=KycView)
async def submit_kyc(
    customer_id: UUID, asked: AskingDep, caller: Submitter, body: SubmitBody | None = None
) -> Response:
    """Asks for the review. 409 `documents_missing` names what is still to be handed in."""
    facts = await _facts(asked, caller, customer_id)

    async def content(session: AsyncSession) -> None:
        customer = await find_customer(session, caller, customer_id)
        if customer.kyc_status is KycStatus.UNDER_REVIEW:
            raise rules.under_review()
        if lacking := await missing_of(session, customer):
            errors = [{"field": name, "code": "missing", "detail": f"Hand in: {name}."} for name in lacking]
            refusal = rules.documents_missing(lacking)
            raise Problem(HTTPStatus.CONFLICT, refusal.code, refusal.sentence, errors=errors)

    arguments = {"expected_volume": body.expected_volume if body else None, "customer_country": facts.country}
    return await ask(
        asked,
        caller,
        KYC,
        customer_id,
        "submit",
        arguments,
        content=content,
        read=_kyc(caller, customer_id),
    )


@router.post("/risk", response_model=KycView)
async def set_kyc_risk(customer_id: UUID, body: RiskBody, asked: AskingDep, caller: Decider) -> Response:
    """Sets the risk by hand: a case of high risk takes two reviewers."""
    facts = await _facts(asked, caller, customer_id)

    async def content(session: AsyncSession) -> None:
        await _begin(session, await find_customer(session, caller, customer_id))

    arguments = {"risk": body.risk, "customer_country": facts.country}
    return await ask(
        asked,
        caller,
        KYC,
        customer_id,
        "set_risk",
        arguments,
        content=content,
        read=_kyc(caller, customer_id),
        reason=body.reason,
    )


async def _facts(asked: Asking, caller: Caller, customer_id: UUID) -> _Facts:
    async with asked.services.database.transaction(caller.tenant_id) as session:
        customer = await find_customer(session, caller, customer_id)
        tenant = await session.get_one(Tenant, caller.tenant_id)
    return _Facts(customer.country, BusinessCalendar(tenant.timezone, always_open=True))


async def _begin(session: AsyncSession, customer: Customer) -> None:
    """Writes the row of the case, where there is none, for its workflow to begin from."""
    status = KycStatus.COLLECTING if customer.kyc_status is KycStatus.NONE else customer.kyc_status
    row = insert(KycCase).values(id=customer.id, tenant_id=customer.tenant_id, status=status)
    await session.execute(row.on_conflict_do_nothing(index_elements=["id"]))


async def _file_of(session: AsyncSession, document_id: UUID, file_id: UUID | None) -> StoredFile:
    query = (
        sa.select(StoredFile)
        .join(KycDocumentFile, col(KycDocumentFile.file_id) == col(StoredFile.id))
        .where(col(KycDocumentFile.document_id) == document_id, col(StoredFile.status) == FileStatus.STORED)
        .order_by(col(KycDocumentFile.position))
        .limit(1)
    )
    file: StoredFile | None = await session.scalar(query.where(col(StoredFile.id) == file_id) if file_id else query)
    if file is None:
        raise not_found("file")
    return file


def _require_pending(document: KycDocument) -> None:
    if document.status is not DocumentStatus.UPLOADED:
        raise rules.document_settled()


def _document(customer_id: UUID) -> Read:
    async def view(session: AsyncSession, command: CommandRow) -> DocumentView:
        document_id = UUID(command.arguments["document_id"])
        return (await document_views(session, [await find_document(session, customer_id, document_id)]))[0]

    return view


def _kyc(caller: Caller, customer_id: UUID) -> Read:
    async def view(session: AsyncSession, _: CommandRow) -> KycView:
        return await kyc_view(session, await find_customer(session, caller, customer_id))

    return view
