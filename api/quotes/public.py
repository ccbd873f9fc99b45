"""Quotes by the link that was mailed: read and answered without an account.

The token names one quote of one tenant and gives access to nothing else; the workflow decides whether the quote can
still be answered. Whoever uses the link acts without an account: the name that they type is kept with the answer.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.cases.commands import Asking, AskingDep, ask
from api.cases.reader import answer
from api.http.openapi import problems
from api.http.payloads import ReasonBody
from api.http.problems import Problem, not_found
from api.http.public_paths import PUBLIC
from api.http.rate_limits import PUBLIC_QUOTE, limited
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.tokens import QuoteClaims
from api.quotes.papers import PDF_RESPONSES, send_paper
from api.quotes.schemas import AcceptBody, PublicQuoteView
from api.quotes.views import QUOTES, public_view_of
from domain.customers.rules import may_act
from domain.quotes import rules
from domain.quotes.rules import QuoteStatus
from domain.refusal import Refusal
from models.cases import CommandRow
from models.people import Customer
from models.quotes import Quote, QuoteAnswer
from stores.signed_tokens import ExpiredToken, InvalidToken

router = Router(
    prefix=f"{PUBLIC}/quotes",
    tags=["quotes"],
    dependencies=[Depends(limited(PUBLIC_QUOTE))],
    responses=problems(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE),
)

Service = Annotated[Services, Depends(services)]
Token = Annotated[str, Path(min_length=1, max_length=2_000, pattern=r"^[\w.-]+$")]

_DEAD = frozenset({QuoteStatus.DECLINED, QuoteStatus.EXPIRED, QuoteStatus.SUPERSEDED, QuoteStatus.WITHDRAWN})


@dataclass(frozen=True)
class LinkHolder:
    """Somebody with the link to a quote."""

    tenant_id: UUID
    quote_id: UUID
    account_id: UUID | None = None


@router.get("/{token}", response_model=PublicQuoteView)
async def get_quote_by_link(token: Token, service: Service) -> Response:
    """What is offered. 410, with a code that says why, once the quote has ended unaccepted or its link is of the past;
    `Content-Language` is then the one that the quote was written in."""
    holder = await _holder(service, token, HTTPStatus.GONE)
    async with service.database.transaction(holder.tenant_id) as session:
        quote = await _find(session, holder)
        _require_alive(quote)
        return answer(await public_view_of(session, quote))


@router.get("/{token}/pdf", response_class=Response, responses=PDF_RESPONSES)
async def download_quote_by_link(token: Token, request: Request, service: Service) -> Response:
    """The quote on paper, as it was mailed."""
    holder = await _holder(service, token, HTTPStatus.GONE)
    async with service.database.transaction(holder.tenant_id) as session:
        quote = await _find(session, holder)
        _require_alive(quote)
    return await send_paper(request, service, quote)


@router.post("/{token}/accept", response_model=PublicQuoteView)
async def accept_quote_by_link(token: Token, body: AcceptBody, asked: AskingDep) -> Response:
    """Accepts the quote, in the name that is given; 409 `quote_expired` once its validity has ended."""
    holder, answer_id = await _holder(asked.services, token, HTTPStatus.CONFLICT), uuid7()

    async def content(session: AsyncSession) -> None:
        await _may_answer(session, holder)
        session.add(
            QuoteAnswer(id=answer_id, tenant_id=holder.tenant_id, quote_id=holder.quote_id, **body.model_dump())
        )

    return await _answer(asked, holder, "accept", {"answer_id": answer_id}, content)


@router.post("/{token}/decline", response_model=PublicQuoteView)
async def decline_quote_by_link(token: Token, body: ReasonBody, asked: AskingDep) -> Response:
    """Declines the quote."""
    holder = await _holder(asked.services, token, HTTPStatus.CONFLICT)

    async def content(session: AsyncSession) -> None:
        await _may_answer(session, holder)

    return await _answer(asked, holder, "decline", {}, content, body.reason)


async def _answer(
    asked: Asking, holder: LinkHolder, update: str, arguments: dict[str, Any], content: Any, reason: str | None = None
) -> Response:
    async def read(session: AsyncSession, _: CommandRow) -> PublicQuoteView:
        return await public_view_of(session, await _find(session, holder))

    return await ask(
        asked, holder, QUOTES, holder.quote_id, update, arguments, reason=reason, content=content, read=read
    )


async def _holder(service: Services, token: str, once_over: HTTPStatus) -> LinkHolder:
    """Raises 404 for what is no link of ours, and for one of the past `once_over` with what became of its quote."""
    try:
        return _who(service.tokens.read_quote(token))
    except ExpiredToken:
        holder = _who(service.tokens.read_quote(token, late=True))
    except InvalidToken:
        raise not_found("quote") from None
    async with service.database.transaction(holder.tenant_id) as session:
        quote = await session.scalar(_sent(holder))
    raise _over(quote, once_over)


def _who(claims: QuoteClaims) -> LinkHolder:
    return LinkHolder(claims.tenant_id, claims.quote_id)


def _sent(holder: LinkHolder) -> sa.Select[Quote]:
    return sa.select(Quote).where(
        col(Quote.tenant_id) == holder.tenant_id, col(Quote.id) == holder.quote_id, col(Quote.sent_at).is_not(None)
    )


async def _find(session: AsyncSession, holder: LinkHolder) -> Quote:
    quote: Quote | None = await session.scalar(_sent(holder))
    if quote is None:
        raise not_found("quote")
    return quote


def _require_alive(quote: Quote) -> None:
    if quote.status in _DEAD:
        raise _over(quote, HTTPStatus.GONE)


def _over(quote: Quote | None, status: HTTPStatus) -> Problem:
    """What has ended says how; what nobody has noted the end of has expired."""
    ended = quote is not None and quote.status in rules.FINISHED
    refusal = rules.over(quote.status if quote and ended else QuoteStatus.EXPIRED)
    headers = {"Content-Language": quote.locale} if quote else None
    return Problem(status, refusal.code, refusal.sentence, headers=headers)


async def _may_answer(session: AsyncSession, holder: LinkHolder) -> None:
    quote = await _find(session, holder)
    customer = await session.get_one(Customer, quote.customer_id)
    try:
        may_act(customer.status)
    except Refusal as refusal:
        raise Problem(HTTPStatus.FORBIDDEN, refusal.code, refusal.sentence) from None
