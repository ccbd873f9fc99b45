"""What a quote's steps do to the database besides moving its row: amounts, validity, the next version, who is told."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from activities.cases.aggregate import Aggregate, Reading, Taking
from activities.cases.step import Step
from activities.quotes.versions import open_next_version
from domain.quotes.rules import FINISHED, QuoteStatus, validity_end
from domain.quotes.state import QuoteState
from models.quotes import Quote, QuoteContent


@dataclass(frozen=True, kw_only=True)
class QuoteStep(Step[QuoteState]):
    """`next_quote_id` is the draft that the step opens as the next version."""

    state: QuoteState
    next_quote_id: UUID | None = None


class Quotes(Aggregate[Quote, QuoteState, QuoteStep]):
    prefix, digits = "QT", 4
    born_with = ("status", "customer_id", "author_id", "currency", "locale", "quote_version", "root_id", "request_id")

    def open_rows(self) -> sa.ColumnElement[bool]:
        return col(Quote.status).not_in(FINISHED) & col(Quote.deleted_at).is_(None)

    async def known(self, case: Reading[Quote]) -> dict[str, Any]:
        content_id = case.row.content_id
        content = await case.session.get(QuoteContent, content_id) if content_id else None
        return {"largest_discount_bp": content.largest_discount_bp if content else 0}

    async def take(self, taking: Taking[Quote, QuoteStep]) -> None:
        session, step, values = taking.session, taking.step, taking.values
        content = await session.get(QuoteContent, values.get("content_id", taking.row.content_id))
        if "content_id" in values and content:
            values["total"] = content.total
        if values.get("status") is QuoteStatus.SENT and content:
            until = validity_end(step.at, content.valid_days, taking.tenant.timezone)
            values |= {"sent_at": step.at, "valid_until": until}
        if step.next_quote_id:
            await open_next_version(session, step, taking.row, step.next_quote_id)

    def facts(self, row: Quote) -> dict[str, Any]:
        facts: dict[str, Any] = {"number": row.number, "quote_version": row.quote_version}
        if row.sent_at and row.valid_until:
            facts |= {
                "sent_at": row.sent_at.isoformat(),
                "valid_until_at": row.valid_until.isoformat(),
                # For readers: midnight belongs to the day that begins, and this one is no longer valid then.
                "answer_by_at": (row.valid_until - timedelta(seconds=1)).isoformat(),
            }
        return facts
