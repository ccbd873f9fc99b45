"""The next version of a quote: opened as a draft by the very transaction that supersedes the one before.

So whatever crashes, there is never a superseded version without the next one. The old version's workflow decides.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from activities.cases.ledger import finish
from activities.cases.step import Step
from activities.cases.values import as_json
from domain.cases import CaseKind
from domain.quotes.events import QuoteEvent
from domain.quotes.rules import QuoteStatus
from domain.quotes.state import QuoteState
from models.cases import CommandRow
from models.quotes import Quote, QuoteContent, QuoteLine

_NOT_COPIED = {"id", "created_at"}


async def open_next_version(session: AsyncSession, step: Step[QuoteState], old: Quote, next_id: UUID) -> None:
    """Writes the draft `next_id` with its first event: the old one's content in a copy that can be edited, under its
    number. Its workflow finds it at version 1."""
    content_id = uuid7()
    born_with: dict[str, Any] = {
        "customer_id": old.customer_id,
        "author_id": step.actor.id or old.author_id,
        "currency": old.currency,
        "locale": old.locale,
        "quote_version": old.quote_version + 1,
        "root_id": old.root_id,
    }
    session.add(Quote(id=next_id, tenant_id=old.tenant_id, created_at=step.at, **born_with))
    await session.flush()
    await _copy_content(session, old, next_id, content_id)
    opening = await _opening(session, step, next_id)
    values = {"number": old.number, "status_since": step.at, "content_id": content_id, "total": old.total}
    told = {"status": QuoteStatus.DRAFT, "request_id": None, **born_with, **values}
    await finish(
        session,
        opening,
        kind=CaseKind.QUOTE,
        model=Quote,
        values=values,
        changes=as_json(told),
        reason=None,
        notices=[],
    )


async def _opening(session: AsyncSession, step: Step[QuoteState], next_id: UUID) -> Step[QuoteState]:
    """The first step of the next version, with the command that it settles."""
    opening = Step(
        tenant_id=step.tenant_id,
        case_id=next_id,
        id=uuid7(),
        kind=QuoteEvent.OPENED,
        actor=step.actor,
        correlation_id=step.correlation_id,
        version=1,
        at=step.at,
        state=QuoteState(),
        by_command=True,
    )
    session.add(
        CommandRow(
            tenant_id=opening.tenant_id,
            id=opening.id,
            case_kind=CaseKind.QUOTE,
            case_id=next_id,
            kind="quote.open",
            arguments={},
            actor_id=opening.actor.id,
            correlation_id=opening.correlation_id,
            fingerprint="",
            created_at=opening.at,
        )
    )
    await session.flush()
    return opening


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
