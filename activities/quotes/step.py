"""What a quote's steps write besides its own row: amounts, validity, the next version, messages."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.cases.aggregate import Aggregate, Taking
from activities.cases.step import Notice, Step
from activities.quotes.versions import open_next_version
from domain.quotes.rules import QuoteStatus, validity_end
from domain.quotes.settings import QuoteSettings
from domain.quotes.state import QuoteState
from models.quotes import Quote, QuoteContent
from models.tenants import Tenant
from stores.people import people_of_customer


@dataclass(frozen=True)
class QuoteNotice:
    """Which template goes to whom: `customer` or `author`."""

    template: str
    audience: str


@dataclass(frozen=True, kw_only=True)
class QuoteStep(Step[QuoteState]):
    """`next_quote_id` is the draft that the step opens as the next version."""

    state: QuoteState
    next_quote_id: UUID | None = None
    notices: tuple[QuoteNotice, ...] = ()


class Quotes(Aggregate[Quote, QuoteState, QuoteStep]):
    prefix, digits = "QT", 4
    born_with = ("status", "customer_id", "author_id", "currency", "locale", "quote_version", "root_id", "request_id")

    async def known(self, session: AsyncSession, row: Quote, tenant: Tenant) -> dict[str, Any]:
        content = await session.get(QuoteContent, row.content_id) if row.content_id else None
        return {
            "largest_discount_bp": content.largest_discount_bp if content else 0,
            "settings": QuoteSettings.of(tenant.settings.get("quotes", {})),
        }

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

    async def notices(self, taking: Taking[Quote, QuoteStep]) -> list[Notice]:
        quote, notices = taking.row, list[Notice]()
        context = _context(quote)
        for notice in taking.step.notices:
            if notice.audience == "author":
                notices.append(Notice(notice.template, quote.author_id, context))
            elif people := await people_of_customer(taking.session, quote.customer_id):
                notices += [Notice(notice.template, account_id, context) for account_id in people]
            else:
                # Nobody speaks for the customer here: the quote goes to its own address, which needs no account.
                notices.append(Notice(notice.template, None, context, customer_id=quote.customer_id))
        return notices


def _context(quote: Quote) -> dict[str, Any]:
    context: dict[str, Any] = {"number": quote.number, "quote_version": quote.quote_version}
    if quote.sent_at and quote.valid_until:
        context |= {
            "sent_at": quote.sent_at.isoformat(),
            "valid_until_at": quote.valid_until.isoformat(),
            # Mails name the last valid day. The validity ends at midnight, which belongs to the next day already.
            "answer_by_at": (quote.valid_until - timedelta(seconds=1)).isoformat(),
        }
    return context
