"""Exchanging a refresh token, and what happens when one comes that has been used before."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from api.audit.entries import audit_account
from api.http.correlation import correlation_id
from api.http.rate_limits import REFRESH, admit, admit_in
from api.http.services import Services
from api.identity.schemas.login import TokenView
from api.identity.sessions import Refused, Renewed, Reused, refresh_session, renew_session
from api.identity.tokens import RefreshClaims, Tokens
from models.database import look_as
from stores.account_mail import stage_account_mail
from stores.signed_tokens import InvalidToken

T = TypeVar("T")

Exchange = Callable[[AsyncSession, Tokens, RefreshClaims, str], Awaitable[T]]


async def refresh(service: Services, token: str) -> TokenView:
    """The tokens that follow a refresh token. Raises Refused; of a token that was used before the owner is told."""
    claims = _read(service, token)
    await admit(service, REFRESH, claims.account_id)
    return await _exchange(service, claims, token, refresh_session)


async def renew(service: Services, token: str) -> Renewed:
    """As `refresh`, for a browser. Its tabs come with one token at once, which counts as one."""

    async def renewed_once(session: AsyncSession, tokens: Tokens, claims: RefreshClaims, token: str) -> Renewed:
        renewed = await renew_session(session, tokens, claims, token)
        if renewed.refresh_token:
            await admit_in(session, service.settings, REFRESH, claims.account_id)
        return renewed

    return await _exchange(service, _read(service, token), token, renewed_once)


def _read(service: Services, token: str) -> RefreshClaims:
    try:
        return service.tokens.read_refresh(token)
    except InvalidToken:
        raise Refused from None


async def _exchange(service: Services, claims: RefreshClaims, token: str, by: Exchange[T]) -> T:
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
