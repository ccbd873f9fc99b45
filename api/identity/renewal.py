"""Exchanging a refresh token, and what happens when one comes that has been used before."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from api.audit.entries import audit_account
from api.http.correlation import correlation_id
from api.http.rate_limits import REFRESH, admit
from api.http.services import Services
from api.identity.sessions import Refused, Reused
from api.identity.tokens import RefreshClaims, Tokens
from models.database import look_as
from stores.account_mail import stage_account_mail
from stores.signed_tokens import InvalidToken

T = TypeVar("T")

Exchange = Callable[[AsyncSession, Tokens, RefreshClaims, str], Awaitable[T]]


async def exchange(service: Services, token: str, by: Exchange[T]) -> T:
    """What the refresh token is exchanged for. Raises Refused; of a token that was used before the owner is told."""
    try:
        claims = service.tokens.read_refresh(token)
    except InvalidToken:
        raise Refused from None
    await admit(service, REFRESH, claims.account_id)
    async with service.database.transaction(account_id=claims.account_id) as session:
        try:
            return await by(session, service.tokens, claims, token)
        except Reused as reused:
            await look_as(session, tenant_id=reused.tenant_id)
            mail = await stage_account_mail(
                session,
                tenant_id=reused.tenant_id,
                account_id=reused.account_id,
                template="session_ended",
                correlation_id=correlation_id(),
            )
            await audit_account(session, reused.tenant_id, reused.account_id, "login.token_reused")
    service.courier.send_soon(mail)
    raise Refused
