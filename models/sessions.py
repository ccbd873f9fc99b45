"""Logins, and what stops guessing: sessions, refresh tokens, attempts, lockouts and rate limits."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.people.accounts import LoginOutcome, SessionEnd
from models.base import UTC_TIME, Row, TenantRow, enum_type


class LoginSession(TenantRow, table=True):
    """One login on one device, and the family of its refresh tokens. `tenant_id` is the tenant it acts in now."""

    __tablename__ = "login_session"
    __table_args__ = (
        sa.Index("ix_login_session_open", "account_id", "created_at", postgresql_where=sa.text("ended_at IS NULL")),
    )

    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    address: str = Field(max_length=45)
    user_agent: str | None = Field(default=None, max_length=300)
    last_used_at: datetime = Field(sa_type=UTC_TIME)
    expires_at: datetime = Field(sa_type=UTC_TIME)
    ended_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    ended_by: SessionEnd | None = Field(default=None, sa_type=enum_type(SessionEnd))


class RefreshToken(Row, table=True):
    """One refresh token of a session, by its hash; spent once it has been exchanged for the next, its successor."""

    __tablename__ = "refresh_token"
    __table_args__ = (sa.Index(None, "session_id"),)

    session_id: UUID = Field(foreign_key="login_session.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    token_hash: bytes
    expires_at: datetime = Field(sa_type=UTC_TIME)
    spent_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    successor_id: UUID | None = None


class LoginAttempt(Row, table=True):
    """An attempt to log in. The e-mail address is kept as a digest, because it may belong to somebody who has no
    account."""

    __tablename__ = "login_attempt"
    __table_args__ = (sa.Index(None, "account_id", "id"),)

    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="CASCADE")
    email_digest: str = Field(max_length=64)
    address: str = Field(max_length=45)
    user_agent: str | None = Field(default=None, max_length=300)
    outcome: LoginOutcome = Field(sa_type=enum_type(LoginOutcome))


class Lockout(SQLModel, table=True):
    """How often logging in has failed in a row, for an e-mail address or for a client's address."""

    subject: str = Field(max_length=80, primary_key=True)
    failures: int
    last_at: datetime = Field(sa_type=UTC_TIME)


class RateBucket(SQLModel, table=True):
    """A token bucket of a rate limit. The table is unlogged, because it is written at every request, and losing it in a
    crash only forgets who asked often."""

    __tablename__ = "rate_bucket"
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    key: str = Field(max_length=80, primary_key=True)
    tokens: float
    filled_at: datetime = Field(sa_type=UTC_TIME)
