"""Whom customers ask to be called by, about what and when."""

from datetime import datetime

from sqlmodel import Field

from domain.callbacks.rules import CallbackStatus
from models.base import UTC_TIME, RequestRow, belongs_to, enum_type, listed, numbered, waiting


class Callback(RequestRow, table=True):
    """A callback as people read it. `from_at` and `to_at` are when the customer would like to be called."""

    __table_args__ = (
        *numbered(),
        listed("ix_callback_newest"),
        waiting("callback", "status IN ('open', 'planned')"),
        listed("ix_callback_by_status", "status"),
        listed("ix_callback_by_customer", "customer_id"),
        belongs_to("customer_id", "customer"),
    )

    status: CallbackStatus = Field(default=CallbackStatus.OPEN, sa_type=enum_type(CallbackStatus))
    phone: str = Field(max_length=20)
    topic: str = Field(max_length=200)
    from_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    to_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    planned_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
