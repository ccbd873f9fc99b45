"""Who uses Casewright: accounts, their memberships in tenants, and what their roles allow."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from domain.customers.states import CustomerKind, CustomerStatus, KycStatus
from domain.people.accounts import Density, PlatformRole, SingleKeys, Theme, TokenPurpose
from models.base import UTC_TIME, Row, TenantRow, belongs_to, enum_type, found, referred_to

_OPEN = "accepted_at IS NULL"


class Account(Row, table=True):
    """One person's login, platform-wide: one e-mail address, memberships in any number of tenants.

    `platform_role` is written by the database's owner, and once by `make_first_superadmin`, never by the app's role.

    Without a password it cannot log in yet: it was invited.
    """

    email: str = Field(max_length=254, unique=True)
    password_hash: str | None = None
    full_name: str = Field(max_length=200)
    locale: str | None = Field(default=None, max_length=16)
    timezone: str | None = Field(default=None, max_length=64)
    theme: Theme | None = Field(default=None, sa_type=enum_type(Theme))
    density: Density | None = Field(default=None, sa_type=enum_type(Density))
    single_keys: SingleKeys | None = Field(default=None, sa_type=enum_type(SingleKeys))
    email_verified_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    disabled_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    platform_role: PlatformRole | None = Field(
        default=None,
        sa_type=enum_type(PlatformRole),
        # An insert leaves it out, because the app's role may not write it, not even as null.
        sa_column_kwargs={"server_default": sa.FetchedValue()},
    )


class PasswordHistory(Row, table=True):
    """Hashes of an account's earlier passwords, newest last: as many as the policy refuses to use again."""

    __tablename__ = "password_history"
    __table_args__ = (sa.Index(None, "account_id", "id"),)

    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    password_hash: str


class MailedToken(TenantRow, table=True):
    """Something that the receiver of a mail may do once. The mail holds this row's id, signed: the row alone opens
    nothing."""

    __tablename__ = "mailed_token"
    __table_args__ = (sa.Index(None, "account_id"),)

    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    purpose: TokenPurpose = Field(sa_type=enum_type(TokenPurpose))
    expires_at: datetime = Field(sa_type=UTC_TIME)
    used_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class Membership(TenantRow, table=True):
    """An account's place in a tenant. A client's membership names the customer that it speaks for."""

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "account_id"),
        sa.Index(None, "account_id"),
        sa.Index(None, "customer_id"),
        belongs_to("customer_id", "customer"),
        referred_to(),
    )

    account_id: UUID = Field(foreign_key="account.id")
    customer_id: UUID | None = None
    away: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})


class Invitation(TenantRow, table=True):
    """Somebody whom a tenant has invited as a member. The membership begins when they use the token that was mailed;
    until then the tenant sees only what it wrote itself, and nothing of an account that may exist already."""

    __table_args__ = (
        sa.Index(
            "uq_invitation_open",
            "tenant_id",
            "account_id",
            unique=True,
            postgresql_where=sa.text("accepted_at IS NULL"),
        ),
        sa.Index(None, "account_id"),
        belongs_to("customer_id", "customer"),
    )

    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    email: str = Field(max_length=254)
    full_name: str = Field(max_length=200)
    role_ids: list[UUID] = Field(sa_type=ARRAY(sa.Uuid))
    customer_id: UUID | None = None
    expires_at: datetime = Field(sa_type=UTC_TIME)
    accepted_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class Role(TenantRow, table=True):
    """A named set of permissions of one tenant."""

    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "key"),
        referred_to(),
    )

    key: str = Field(max_length=40)
    name: str = Field(max_length=100)


class RolePermission(TenantRow, table=True):
    __tablename__ = "role_permission"
    __table_args__ = (
        sa.UniqueConstraint("role_id", "permission"),
        # What the platform allows no tenant can.
        sa.CheckConstraint("permission NOT LIKE 'tenants:%'", name="of_a_tenant"),
        belongs_to("role_id", "role", ondelete="CASCADE"),
    )

    role_id: UUID
    permission: str = Field(max_length=60)


class MembershipRole(TenantRow, table=True):
    __tablename__ = "membership_role"
    __table_args__ = (
        sa.UniqueConstraint("membership_id", "role_id"),
        sa.Index(None, "role_id"),
        belongs_to("membership_id", "membership", ondelete="CASCADE"),
        belongs_to("role_id", "role"),
    )

    membership_id: UUID
    role_id: UUID


class Customer(TenantRow, table=True):
    """Whom the tenant serves: a person or a company."""

    __table_args__ = (
        sa.Index(None, "tenant_id", "created_at", "id"),
        found("customer", "name"),
        belongs_to("sla_policy_id", "sla_policy"),
        referred_to(),
    )

    kind: CustomerKind = Field(sa_type=enum_type(CustomerKind))
    name: str = Field(max_length=200)
    status: CustomerStatus = Field(default=CustomerStatus.PENDING, sa_type=enum_type(CustomerStatus))
    sla_policy_id: UUID | None = None
    company_name: str | None = Field(default=None, max_length=200)
    tax_id: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=40)
    address: str | None = Field(default=None, max_length=500)
    country: str | None = Field(default=None, max_length=2)
    kyc_status: KycStatus = Field(
        default=KycStatus.NONE, sa_type=enum_type(KycStatus), sa_column_kwargs={"server_default": "none"}
    )
    suspended_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    suspended_reason: str | None = Field(default=None, max_length=1000)
    updated_at: datetime = Field(sa_type=UTC_TIME, sa_column_kwargs={"server_default": sa.func.now()}, default=None)


CUSTOMER_FOUND = sa.table(
    "customer_found", sa.column("id", sa.Uuid), sa.column("name", sa.Text), sa.column("created_at", UTC_TIME)
)
"""The tenant's customers as the search sees them: the same rows, of which it may use the index on letters."""
