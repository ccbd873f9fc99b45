"""Stock: what is in the house of each product, to whom it is promised, and every movement of it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.stock.rules import ClaimStatus, MovementKind
from models.base import UTC_TIME, TenantRow, belongs_to, enum_type, referred_to


class Stock(TenantRow, table=True):
    """The pieces of a product, or of one of its variants that are kept apart. All figures are in pieces.

    They are what the movements add up to, kept here so that the database refuses more than there is. `waiting` are the
    pieces of claims that wait, `movements` and `claims` count the rows that belong to it.
    """

    __table_args__ = (
        referred_to(),
        sa.UniqueConstraint("tenant_id", "product_id", "variant_id", postgresql_nulls_not_distinct=True),
        belongs_to("variant_id", "product_variant"),
        sa.CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        sa.CheckConstraint("on_hand >= reserved", name="available_not_negative"),
        sa.CheckConstraint("waiting >= 0", name="waiting_not_negative"),
        belongs_to("product_id", "product"),
    )

    product_id: UUID
    variant_id: UUID | None = None
    on_hand: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    reserved: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    waiting: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    movements: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    claims: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class StockClaim(TenantRow, table=True):
    """What a case wants of a stock for one of its lines. `turn` is its place among the claims on this stock."""

    __tablename__ = "stock_claim"
    __table_args__ = (
        referred_to(),
        sa.UniqueConstraint("tenant_id", "line_id"),
        sa.UniqueConstraint("stock_id", "turn"),
        belongs_to("stock_id", "stock"),
        sa.CheckConstraint("quantity > 0", name="of_something"),
        sa.Index(None, "tenant_id", "case_id"),
        sa.Index("ix_stock_claim_waiting", "stock_id", "turn", postgresql_where=sa.text("status = 'waiting'")),
    )

    stock_id: UUID
    case_kind: str = Field(max_length=40)
    case_id: UUID
    line_id: UUID
    turn: int
    quantity: int
    status: ClaimStatus = Field(sa_type=enum_type(ClaimStatus))
    claimed_at: datetime = Field(sa_type=UTC_TIME)


class StockMovement(TenantRow, table=True):
    """What came, went, or was promised, and why; it never changes. `place` counts the movements of its stock.

    `line_id` is the line whose claim was moved; `case_id` is the case that caused it, which may be another one.
    """

    __tablename__ = "stock_movement"
    __table_args__ = (
        sa.UniqueConstraint("stock_id", "place"),
        belongs_to("stock_id", "stock"),
        sa.CheckConstraint("on_hand_change <> 0 OR reserved_change <> 0", name="moves_something"),
        sa.Index(None, "tenant_id", "case_id", postgresql_where=sa.text("case_id IS NOT NULL")),
    )

    stock_id: UUID
    place: int
    kind: MovementKind = Field(sa_type=enum_type(MovementKind))
    on_hand_change: int
    reserved_change: int
    line_id: UUID | None = None
    case_kind: str | None = Field(default=None, max_length=40)
    case_id: UUID | None = None
    actor_id: UUID | None = Field(default=None, foreign_key="account.id")
    reason: str | None = None
    at: datetime = Field(sa_type=UTC_TIME)
