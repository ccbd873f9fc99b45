"""What one has begun to write: kept for oneself, on all of one's devices, until it is sent."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Path
from pydantic import Field, StringConstraints
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.http.payloads import Payload, View
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import SignedIn
from domain.cases import CommandStatus
from models.cases import CommandRow
from models.database import Database
from models.drafts import Draft

router = Router(prefix="/drafts", tags=["me"])

FORMS_KEPT = 200
"""How many forms one person can have begun. Of more, those that were not touched for longest are forgotten."""

SENT_BY = "_command"
"""The field of a draft that names the command by which it was sent: once that is done, the draft is gone."""

_ID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

Service = Annotated[Services, Depends(services)]
FormName = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}(/[a-z0-9-]{1,60}){0,4}$", max_length=200)]
_FieldName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Words = Annotated[str, StringConstraints(max_length=50_000)]


class DraftBody(Payload):
    """What stands in the form's fields."""

    fields: Annotated[dict[_FieldName, _Words], Field(max_length=200)]


class DraftView(View):
    form: str
    fields: dict[str, str]
    updated_at: datetime


@router.get("/{form:path}")
async def get_draft(form: FormName, caller: SignedIn, service: Service) -> DraftView | None:
    """What the caller has begun to write into the form; null where that is nothing."""
    return await find_draft(service.database, caller.tenant_id, caller.account_id, form)


@router.put("/{form:path}")
async def keep_draft(form: FormName, body: DraftBody, caller: SignedIn, service: Service) -> DraftView:
    """Keeps what stands in the form, for 30 days after the last change."""
    row = {
        "tenant_id": caller.tenant_id,
        "account_id": caller.account_id,
        "form": form,
        "fields": body.fields,
        "updated_at": datetime.now(UTC),
    }
    statement = insert(Draft).values(id=uuid7(), **row)
    kept = {"fields": statement.excluded.fields, "updated_at": statement.excluded.updated_at}
    async with service.database.transaction(caller.tenant_id) as session:
        await session.execute(
            statement.on_conflict_do_update(index_elements=["tenant_id", "account_id", "form"], set_=kept)
        )
        mine = (col(Draft.tenant_id) == caller.tenant_id, col(Draft.account_id) == caller.account_id)
        oldest = sa.select(col(Draft.id)).where(*mine).order_by(col(Draft.updated_at).desc()).offset(FORMS_KEPT)
        await session.execute(sa.delete(Draft).where(*mine, col(Draft.id).in_(oldest)))
    return DraftView.model_validate(row)


@router.delete("/{form:path}", status_code=HTTPStatus.NO_CONTENT)
async def forget_draft(form: FormName, caller: SignedIn, service: Service) -> None:
    """Forgets what stands in the form, if anything does."""
    async with service.database.glance(caller.tenant_id) as session:
        await session.execute(sa.delete(Draft).where(*_of(caller.tenant_id, caller.account_id, form)))


async def find_draft(database: Database, tenant_id: UUID, account_id: UUID, form: str) -> DraftView | None:
    """What a person has begun to write into a form, and has not sent."""
    sent_by = col(Draft.fields)[SENT_BY].astext
    sent = sa.exists().where(
        col(CommandRow.tenant_id) == col(Draft.tenant_id),
        col(CommandRow.id) == sa.case((sent_by.regexp_match(_ID), sa.cast(sent_by, sa.Uuid))),
        col(CommandRow.status) == CommandStatus.DONE,
    )
    async with database.glance(tenant_id) as session:
        found = await session.scalar(sa.select(Draft).where(*_of(tenant_id, account_id, form), ~sent))
    return DraftView.model_validate(found) if found else None


def _of(tenant_id: UUID, account_id: UUID, form: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(Draft.tenant_id) == tenant_id,
        col(Draft.account_id) == account_id,
        col(Draft.form) == form,
    )
