"""Checks and uses up the tokens that were mailed: each works once, and until it expires."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.problems import Problem, field_error
from api.identity.tokens import MailedClaims, Tokens
from domain.people.accounts import TokenPurpose
from models.people import MailedToken
from stores.signed_tokens import ExpiredToken, InvalidToken


def read_token(tokens: Tokens, token: str, *purposes: TokenPurpose) -> MailedClaims:
    """What the token says. Raises 422 `token_invalid` or `token_expired`."""
    try:
        return tokens.read_mailed(token, *purposes)
    except ExpiredToken:
        raise field_error("token", "token_expired", "This token has expired: ask for another.") from None
    except InvalidToken:
        raise field_error("token", "token_invalid", "This is not a token that was mailed for this.") from None


def used() -> Problem:
    """422: the token has done its work, or a newer one has been mailed."""
    return field_error("token", "token_used", "This token has been used, or replaced by a newer one.")


async def require_unused(session: AsyncSession, claims: MailedClaims) -> None:
    """Raises 422 `token_used` for a token that cannot be used any more; does not use it."""
    row = await session.get(MailedToken, claims.token_id)
    if row is None or row.used_at:
        raise used()


async def use_token(session: AsyncSession, claims: MailedClaims) -> None:
    """Uses the token up. Raises 422 `token_used` for a used one; of two requests at once, one succeeds."""
    taken = await session.execute(
        sa.update(MailedToken)
        .where(
            col(MailedToken.id) == claims.token_id,
            col(MailedToken.account_id) == claims.account_id,
            col(MailedToken.purpose) == claims.purpose,
            col(MailedToken.used_at).is_(None),
        )
        .values(used_at=sa.func.now())
        .execution_options(synchronize_session=False)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise used()
