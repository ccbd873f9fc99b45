"""Sessions: how one begins, goes on with a new refresh token each time, and ends.

A refresh token works once. If it is used a second time, somebody has copied it, and we cannot tell the owner from the
thief: the whole session ends (RFC 9700, section 4.14.2).
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.client_address import Device
from api.identity.schemas.login import TokenView
from api.identity.tokens import REFRESH_LIFETIME, SESSION_LIFETIME, AccessClaims, RefreshClaims, Tokens
from domain.people.accounts import SessionEnd
from models.people import Account, Membership
from models.sessions import LoginSession, RefreshToken
from models.tenants import Tenant

AT_ONCE = timedelta(seconds=10)
"""For how long the tabs of one browser may come with the token that one of them has just exchanged."""


class Refused(Exception):
    """The refresh token is not good, or no longer."""


class Reused(Refused):
    """The refresh token has been used before: its session has been ended just now. Commit, and tell the account."""

    def __init__(self, account_id: UUID, tenant_id: UUID) -> None:
        super().__init__()
        self.account_id = account_id
        self.tenant_id = tenant_id


async def find_membership(session: AsyncSession, account_id: UUID, slug: str | None = None) -> Membership | None:
    """The account's membership in the named tenant, else its first. The transaction is the account's own."""
    query = (
        sa.select(Membership)
        .where(col(Membership.account_id) == account_id)
        .order_by(col(Membership.created_at), col(Membership.id))
        .limit(1)
    )
    if slug:
        query = query.join(Tenant, col(Tenant.id) == col(Membership.tenant_id)).where(col(Tenant.slug) == slug)
    found: Membership | None = await session.scalar(query)
    return found


async def begin_session(
    session: AsyncSession, tokens: Tokens, account_id: UUID, tenant_id: UUID, device: Device
) -> TokenView:
    """Logs the account in: a new session, and its first tokens."""
    now = datetime.now(UTC)
    login = LoginSession(
        tenant_id=tenant_id,
        account_id=account_id,
        address=device.address,
        user_agent=device.user_agent,
        last_used_at=now,
        expires_at=now + REFRESH_LIFETIME,
    )
    session.add(login)
    await session.flush()
    return await _issue(session, tokens, login)


@dataclass(frozen=True)
class Renewed:
    """An access token for some seconds, and the next refresh token, None where another request has it already."""

    access_token: str
    expires_in: int
    refresh_token: str | None


async def refresh_session(session: AsyncSession, tokens: Tokens, claims: RefreshClaims, token: str) -> TokenView:
    """Exchanges a refresh token for the next. Raises Refused, and Reused for one that has been used before."""
    login, known, now = await _known(session, claims, token)
    if known.spent_at:
        _end_for_reuse(login, now)
    return await _exchange(session, tokens, login, known, now)


async def renew_session(session: AsyncSession, tokens: Tokens, claims: RefreshClaims, token: str) -> Renewed:
    """As `refresh_session`, for a browser, where one token honestly comes twice: from several tabs at once, and again
    when the answer that held the next one was lost. The next one is then void, and whoever has it after all is found
    out when it comes."""
    login, known, now = await _known(session, claims, token)
    if known.spent_at:
        following = await session.get(RefreshToken, known.successor_id) if known.successor_id else None
        if following and now - known.spent_at <= AT_ONCE:
            access_token, seconds = tokens.issue(_claims(login), within=login.expires_at)
            return Renewed(access_token, seconds, None)
        if following is None or following.spent_at:
            _end_for_reuse(login, now)
        else:
            following.spent_at = now
    issued = await _exchange(session, tokens, login, known, now)
    return Renewed(issued.access_token, issued.expires_in, issued.refresh_token)


async def _known(
    session: AsyncSession, claims: RefreshClaims, token: str
) -> tuple[LoginSession, RefreshToken, datetime]:
    # The lock puts two who refresh at once in a row: the second finds the token spent.
    login = await session.get(LoginSession, claims.session_id, with_for_update=True)
    if login is None or login.ended_at or login.account_id != claims.account_id:
        raise Refused
    known = await session.get(RefreshToken, claims.token_id)
    now = datetime.now(UTC)
    if known is None or not hmac.compare_digest(known.token_hash, _hash(token)) or known.expires_at <= now:
        raise Refused
    return login, known, now


def _end_for_reuse(login: LoginSession, now: datetime) -> NoReturn:
    login.ended_at, login.ended_by = now, SessionEnd.REUSE
    raise Reused(login.account_id, login.tenant_id)


async def _exchange(
    session: AsyncSession, tokens: Tokens, login: LoginSession, known: RefreshToken, now: datetime
) -> TokenView:
    if not await _still_belongs(session, login):
        raise Refused
    login.last_used_at, login.expires_at = now, min(now + REFRESH_LIFETIME, login.created_at + SESSION_LIFETIME)
    await session.execute(
        sa.delete(RefreshToken).where(col(RefreshToken.session_id) == login.id, col(RefreshToken.expires_at) < now)
    )
    known.spent_at = now
    return await _issue(session, tokens, login, instead_of=known)


async def _still_belongs(session: AsyncSession, login: LoginSession) -> bool:
    found = await session.scalar(
        sa.select(col(Membership.id))
        .join(Account, col(Account.id) == col(Membership.account_id))
        .where(
            col(Membership.account_id) == login.account_id,
            col(Membership.tenant_id) == login.tenant_id,
            col(Account.disabled_at).is_(None),
        )
    )
    return found is not None


async def _issue(
    session: AsyncSession, tokens: Tokens, login: LoginSession, *, instead_of: RefreshToken | None = None
) -> TokenView:
    row = RefreshToken(session_id=login.id, account_id=login.account_id, token_hash=b"", expires_at=login.expires_at)
    refresh_token = tokens.issue_refresh(RefreshClaims(row.id, login.account_id, login.id), row.expires_at)
    row.token_hash = _hash(refresh_token)
    session.add(row)
    if instead_of:
        instead_of.successor_id = row.id
    access_token, seconds = tokens.issue(_claims(login), within=login.expires_at)
    return TokenView(access_token=access_token, refresh_token=refresh_token, expires_in=seconds)


def _claims(login: LoginSession) -> AccessClaims:
    return AccessClaims(login.account_id, login.tenant_id, login.id)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
