"""Writes the documents of an identity check, in the transaction of the step that changes them."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from activities.cases.step import Step
from domain.files.states import FileStatus
from domain.kyc.review import REASONS
from domain.kyc.rules import Document, DocumentDeed
from domain.tasks.deeds import TaskStep
from models.files import StoredFile
from models.kyc import KycDocument, KycDocumentFile
from models.tasks import TaskDecision
from stores.audit import record

_AUDITED = {
    DocumentDeed.HANDED_IN: "kyc_document.handed_in",
    DocumentDeed.CHANGED: "kyc_document.edited",
    DocumentDeed.REMOVED: "kyc_document.removed",
}


async def audit_documents(
    session: AsyncSession, step: Step[Any], documents: tuple[Document, ...], deed: DocumentDeed | None
) -> None:
    """Leaves an audit entry for each document that somebody has handed in, changed or removed; call it last."""
    if deed and (action := _AUDITED[deed]):
        for document in documents:
            await record(
                session,
                step.tenant_id,
                step.actor.id,
                action,
                entity_kind="kyc_document",
                entity_id=document.id,
                detail={"customer_id": step.case_id, "type": document.type},
                correlation_id=step.correlation_id,
            )


async def take_documents(
    session: AsyncSession,
    step: Step[Any],
    documents: tuple[Document, ...],
    tasks: tuple[TaskStep, ...],
    change_id: UUID | None,
) -> dict[str, Any]:
    """Writes the documents as a step leaves them; returns what the timeline shows of them."""
    reasons = await _reasons(session, tasks)
    for document in documents:
        row = await session.get_one(KycDocument, document.id)
        row.status = document.status
        row.issued_on, row.expires_on = document.issued_on, document.expires_on
        row.expires_at, row.country = document.expires_at, document.country
        row.decided_at = document.decided_at
        row.added_at = row.added_at or step.at
        row.reason = reasons.get(str(document.id), row.reason)
        if change_id and str(change_id) in row.proposals:
            row.number = row.proposals[str(change_id)]["number"]
        row.proposals = {}
        if document.replaced and row.replaced_at is None:
            row.replaced_at = step.at
        if document.removed:
            row.removed_at = step.at
            await _remove_files(session, document.id)
    await session.flush()
    return {"documents": [_told(document) for document in documents]} if documents else {}


async def _reasons(session: AsyncSession, tasks: tuple[TaskStep, ...]) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for part in tasks:
        if part.decision_id:
            fields = await session.scalar(
                sa.select(col(TaskDecision.fields)).where(col(TaskDecision.id) == part.decision_id)
            )
            reasons |= (fields or {}).get(REASONS, {})
    return reasons


async def _remove_files(session: AsyncSession, document_id: UUID) -> None:
    """Detaches the files of a document; the sweep of files then removes them."""
    removed = await session.scalars(
        sa.delete(KycDocumentFile)
        .where(col(KycDocumentFile.document_id) == document_id)
        .returning(col(KycDocumentFile.file_id))
        .execution_options(synchronize_session=False)
    )
    if ids := list(removed):
        await session.execute(
            sa.update(StoredFile)
            .where(col(StoredFile.id).in_(ids))
            .values(status=FileStatus.REMOVING)
            .execution_options(synchronize_session=False)
        )


def _told(document: Document) -> dict[str, Any]:
    told: dict[str, Any] = {"id": str(document.id), "type": document.type, "status": document.status}
    if document.expires_on:
        told["expires_on"] = document.expires_on.isoformat()
    if document.replaced:
        told["replaced"] = True
    if document.removed:
        told["removed"] = True
    return told
