"""Answers to requests about accounts that carried an idempotency key, kept so that a repeated request gets the same
one."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.base import UTC_TIME


class AnsweredRequest(SQLModel, table=True):
    """One idempotency key: which request it was for, and its answer, None while it is being carried out.

    Platform-wide, because whoever registers or resets a password has no tenant yet. No answer in it holds a secret.
    """

    __tablename__ = "answered_request"
    __table_args__ = (sa.Index(None, "created_at"),)

    key_digest: str = Field(max_length=64, primary_key=True)
    fingerprint: str = Field(max_length=64)
    status: int | None = None
    body: str | None = None
    created_at: datetime = Field(sa_type=UTC_TIME, sa_column_kwargs={"server_default": sa.func.now()})
