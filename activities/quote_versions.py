"""The next version of a quote: opened as a draft by the very transaction that supersedes the one before.

So there is never one without the other, whatever crashes: the old version's workflow is the one that decides.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from activities.case_steps import Step
from activities.event_values import as_json
from domain.case import CaseKind, CommandStatus
from models.case import CommandRow, EventRow
from models.quote import Quote, QuoteContent, QuoteLine

_NOT_COPIED = {"id", "created_at"}


async def open_next_version(session: AsyncSession, step: Step, old: Quote, next_id: UUID) -> None:
    """Writes the draft `next_id` with its first event: the old one's content in a copy that can be edited, under its
    number. Its workflow finds it at version 1."""
    content_id = uuid7()
    session.add(
        Quote(
            id=next_id,
            tenant_id=old.tenant_id,
            version=1,
            number=old.number,
            quote_version=old.quote_version + 1,
            root_id=old.root_id,
            status_since=step.at,
            customer_id=old.customer_id,
            author_id=step.actor.id or old.author_id,
            currency=old.currency,
            locale=old.locale,
            content_id=content_id,
            total=old.total,
            created_at=step.at,
            updated_at=step.at,
        )
    )
    await session.flush()
    await _copy_content(session, old, next_id, content_id)
    opened = await session.get_one(Quote, next_id)
    await _tell(session, step, opened)


async def _copy_content(session: AsyncSession, old: Quote, quote_id: UUID, content_id: UUID) -> None:
    content = await session.get_one(QuoteContent, old.content_id)
    session.add(
        QuoteContent(**content.model_dump(exclude={*_NOT_COPIED, "quote_id"}), id=content_id, quote_id=quote_id)
    )
    await session.flush()
    lines = await session.scalars(sa.select(QuoteLine).where(col(QuoteLine.content_id) == content.id))
    session.add_all(
        QuoteLine(**line.model_dump(exclude={*_NOT_COPIED, "content_id"}), content_id=content_id) for line in lines
    )
    await session.flush()


async def _tell(session: AsyncSession, step: Step, opened: Quote) -> None:
    told = ("number", "status", "customer_id", "author_id", "currency", "locale", "quote_version", "root_id", "total")
    plain = {name: getattr(opened, name) for name in told}
    plain |= {"content_id": opened.content_id, "status_since": step.at, "request_id": None}
    command_id = uuid7()
    shared: dict[str, Any] = {
        "tenant_id": step.tenant_id,
        "case_kind": CaseKind.QUOTE,
        "case_id": opened.id,
        "actor_id": step.actor.id,
        "correlation_id": step.correlation_id,
    }
    session.add(
        CommandRow(
            **shared,
            id=command_id,
            kind="quote.open",
            arguments={},
            fingerprint="",
            status=CommandStatus.DONE,
            result={"version": 1},
            created_at=step.at,
            settled_at=step.at,
        )
    )
    session.add(
        EventRow(
            **shared,
            version=1,
            kind="opened",
            actor_kind=step.actor.kind,
            at=step.at,
            changes=as_json(plain),
            command_id=command_id,
        )
    )
    await session.flush()
