"""Mailboxes, and the mails that came in by them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from domain.mail.states import (
    After,
    HeldFor,
    KnownAs,
    LoginKind,
    MailboxState,
    MailState,
    Security,
    Source,
    Start,
    Verdict,
    Waits,
)
from models.base import UTC_TIME, TenantRow, belongs_to, enum_type, open_enum_type, referred_to


class MailAccount(TenantRow, table=True):
    """A mailbox of a tenant: where its mail is fetched, and how far that is.

    `secret` holds what logs in, sealed (`stores.mail.secrets`); `smtp_secret` the same of its own SMTP server.
    `changed` grows with every change that its workflow has to begin again for. How far its folder has been read is
    `last_uid` under `uid_validity`; how far back it is, `domain.mail.reach` says by `from_uid`, `again_since` and
    `connected_at`, which is when it was made unless another folder or start was chosen later.
    """

    __tablename__ = "mail_account"
    __table_args__ = (
        belongs_to("group_id", "agent_group"),
        belongs_to("category_id", "ticket_category"),
        sa.UniqueConstraint("inbound_token"),
        referred_to(),
    )

    name: str = Field(max_length=100)
    source: Source = Field(default=Source.IMAP, sa_type=enum_type(Source))
    host: str | None = Field(default=None, max_length=253)
    port: int | None = None
    security: Security = Field(default=Security.TLS, sa_type=enum_type(Security))
    username: str | None = Field(default=None, max_length=254)
    login: LoginKind = Field(default=LoginKind.PASSWORD, sa_type=enum_type(LoginKind))
    secret: bytes | None = None
    folder: str = Field(default="INBOX", max_length=200)
    start: Start = Field(default=Start.NOW, sa_type=enum_type(Start))
    since: datetime | None = Field(default=None, sa_type=UTC_TIME)
    after: After = Field(default=After.SEEN, sa_type=enum_type(After))
    move_to: str | None = Field(default=None, max_length=200)
    plus_addressing: bool = True
    smtp_host: str | None = Field(default=None, max_length=253)
    smtp_port: int | None = None
    smtp_security: Security | None = Field(default=None, sa_type=open_enum_type(Security))
    smtp_username: str | None = Field(default=None, max_length=254)
    smtp_secret: bytes | None = None
    authserv_id: str | None = Field(default=None, max_length=253)
    group_id: UUID | None = None
    category_id: UUID | None = None
    language: str | None = Field(default=None, max_length=16)
    size_limit: int
    inbound_token: str | None = Field(default=None, max_length=64)
    changed: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    state: MailboxState = Field(default=MailboxState.ACTIVE, sa_type=enum_type(MailboxState))
    waits: Waits = Field(default=Waits.NOTHING, sa_type=enum_type(Waits))
    uid_validity: int | None = Field(default=None, sa_type=sa.BigInteger)
    last_uid: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    from_uid: int | None = Field(default=None, sa_type=sa.BigInteger)
    again_since: datetime | None = Field(default=None, sa_type=UTC_TIME)
    connected_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    errors: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    last_error: str | None = Field(default=None, max_length=60)
    last_error_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    last_mail_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    last_looked_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    updated_at: datetime = Field(sa_type=UTC_TIME, sa_column_kwargs={"server_default": sa.func.now()}, default=None)


class MailAccountAddress(TenantRow, table=True):
    """An address at which a mailbox takes mail, in lower case; the one with place 0 is what it sends as."""

    __tablename__ = "mail_account_address"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "address"),
        sa.UniqueConstraint("account_id", "place"),
        belongs_to("account_id", "mail_account", ondelete="CASCADE"),
    )

    account_id: UUID
    address: str = Field(max_length=254)
    place: int


class Mail(TenantRow, table=True):
    """A mail that came in. The row is written when its bytes lie in the storage under `raw_key`, before anything is
    known of it; reading and deciding fill in the rest.

    `uid` and its folder say where it lay on the server; a provider's mails have none. `digest` is the second key: a
    mail that has come by another way already is a `duplicate` of that one. `tried` tells what its names led to and
    why, `rules` which rules chose what. `wish` is what a person wants done with it, of one that is decided anew, which
    `reprocessed` counts.
    """

    __table_args__ = (
        sa.UniqueConstraint("account_id", "folder", "uid_validity", "uid"),
        sa.Index(
            "uq_mail_digest",
            "tenant_id",
            "digest",
            unique=True,
            postgresql_where=sa.text("digest IS NOT NULL AND duplicate_of IS NULL"),
        ),
        sa.Index("ix_mail_raw", "raw_key", postgresql_where=sa.text("raw_key IS NOT NULL")),
        sa.Index("ix_mail_newest", "tenant_id", "received_at", "id"),
        sa.Index("ix_mail_by_state", "tenant_id", "state", "received_at", "id"),
        sa.Index("ix_mail_of_account", "account_id", "received_at", "id"),
        sa.Index("ix_mail_unread", "tenant_id", "account_id", "id", postgresql_where=sa.text("state = 'received'")),
        sa.Index("ix_mail_of_ticket", "ticket_id", "received_at", postgresql_where=sa.text("ticket_id IS NOT NULL")),
        sa.Index("ix_mail_by_sender", "tenant_id", "sender_address", "received_at"),
        sa.Index(
            "ix_mail_settled_of_sender",
            "tenant_id",
            "sender_address",
            "settled_at",
            postgresql_where=sa.text("settled_at IS NOT NULL"),
        ),
        sa.Index("ix_mail_by_command", "command_id", postgresql_where=sa.text("command_id IS NOT NULL")),
        belongs_to("account_id", "mail_account"),
        belongs_to("ticket_id", "ticket"),
        belongs_to("duplicate_of", "mail"),
        referred_to(),
    )

    account_id: UUID
    folder: str | None = Field(default=None, max_length=200)
    uid_validity: int | None = Field(default=None, sa_type=sa.BigInteger)
    uid: int | None = Field(default=None, sa_type=sa.BigInteger)
    received_at: datetime = Field(sa_type=UTC_TIME)
    raw_key: str | None = Field(default=None, max_length=80)
    raw_size: int = Field(sa_type=sa.BigInteger)
    raw_sha256: str = Field(max_length=64)
    too_large: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    state: MailState = Field(default=MailState.RECEIVED, sa_type=enum_type(MailState))
    held_for: HeldFor | None = Field(default=None, sa_type=enum_type(HeldFor))
    why: str | None = Field(default=None, max_length=60)
    settled_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    digest: str | None = Field(default=None, max_length=64)
    duplicate_of: UUID | None = None
    message_id: str | None = Field(default=None, max_length=998)
    sender_address: str | None = Field(default=None, max_length=320)
    sender_name: str | None = Field(default=None, max_length=200)
    subject: str | None = Field(default=None, max_length=998)
    sent_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    recipients: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    headers: list[Any] | None = Field(default=None, sa_type=JSONB)
    text: str | None = None
    quoted: str | None = None
    html: str | None = None
    remote_images: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    cut: list[Any] | None = Field(default=None, sa_type=JSONB)
    verdict: Verdict | None = Field(default=None, sa_type=enum_type(Verdict))
    verdict_because: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    automatic: str | None = Field(default=None, max_length=60)
    score: int | None = None
    score_because: list[Any] | None = Field(default=None, sa_type=JSONB)
    rules: list[Any] | None = Field(default=None, sa_type=JSONB)
    tried: list[Any] | None = Field(default=None, sa_type=JSONB)
    ticket_id: UUID | None = None
    ticket_message_id: UUID | None = None
    command_id: UUID | None = None
    wish: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    reprocessed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class MailPart(TenantRow, table=True):
    """An attachment or picture of a mail, at its place among the parts: kept as a file, or refused with a reason."""

    __tablename__ = "mail_part"
    __table_args__ = (
        sa.UniqueConstraint("mail_id", "place"),
        belongs_to("mail_id", "mail", ondelete="CASCADE"),
        belongs_to("file_id", "file"),
        sa.Index("ix_mail_part_file", "file_id", postgresql_where=sa.text("file_id IS NOT NULL")),
    )

    mail_id: UUID
    place: int
    name: str = Field(max_length=255)
    content_type: str = Field(max_length=100)
    size: int = Field(sa_type=sa.BigInteger)
    content_id: str | None = Field(default=None, max_length=998)
    inline: bool = False
    refused: str | None = Field(default=None, max_length=60)
    file_id: UUID | None = None


class KnownMessageId(TenantRow, table=True):
    """A Message-ID, in angle brackets, that names a ticket of the tenant, and why: as what we have sent or received."""

    __tablename__ = "known_message_id"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "message_id"),
        sa.Index(None, "ticket_id"),
        belongs_to("ticket_id", "ticket"),
    )

    message_id: str = Field(max_length=998)
    ticket_id: UUID
    known_as: KnownAs = Field(sa_type=enum_type(KnownAs))
    delivery_id: UUID | None = None
    mail_id: UUID | None = None


class TicketParticipant(TenantRow, table=True):
    """Somebody from outside who takes part in a ticket beside its requester and its customer's people: copied by the
    requester, or added by staff (`added_by`). Removed ones keep their row."""

    __tablename__ = "ticket_participant"
    __table_args__ = (
        sa.UniqueConstraint("ticket_id", "address"),
        belongs_to("ticket_id", "ticket"),
        referred_to(),
    )

    ticket_id: UUID
    address: str = Field(max_length=254)
    name: str = Field(default="", max_length=200)
    added_by: UUID | None = Field(default=None, foreign_key="account.id")
    mail_id: UUID | None = None
    removed_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class TicketLink(TenantRow, table=True):
    """A ticket that a mail opened although it named another one; a `suggested` link is for staff to confirm."""

    __tablename__ = "ticket_link"
    __table_args__ = (
        sa.UniqueConstraint("ticket_id", "other_id"),
        sa.Index(None, "other_id"),
        belongs_to("ticket_id", "ticket"),
        belongs_to("other_id", "ticket"),
    )

    ticket_id: UUID
    other_id: UUID
    suggested: bool = False


class MailAddress(TenantRow, table=True):
    """What is known of an address, or of a whole `domain` written as `@example.com`: listed by staff, or found
    undeliverable by a bounce until it is proven or cleared."""

    __tablename__ = "mail_address"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "address"),)

    address: str = Field(max_length=320)
    listed: str | None = Field(default=None, max_length=10)
    undeliverable_since: datetime | None = Field(default=None, sa_type=UTC_TIME)
    undeliverable_status: str | None = Field(default=None, max_length=20)
    noted_by: UUID | None = Field(default=None, foreign_key="account.id")
    updated_at: datetime = Field(sa_type=UTC_TIME, sa_column_kwargs={"server_default": sa.func.now()}, default=None)


class AutomaticAnswer(TenantRow, table=True):
    """An automatic mail that was sent to an address, or is about to be: what the limits per hour and day count."""

    __tablename__ = "automatic_answer"
    __table_args__ = (sa.Index(None, "address", "at"),)

    address: str = Field(max_length=320)
    at: datetime = Field(sa_type=UTC_TIME)


class MailRule(TenantRow, table=True):
    """What a tenant does with mails of a kind, tried in the order of `place`."""

    __tablename__ = "mail_rule"
    __table_args__ = (sa.Index(None, "tenant_id", "place"),)

    name: str = Field(max_length=100)
    place: int
    active: bool = True
    conditions: list[Any] = Field(sa_type=JSONB)
    choices: dict[str, Any] = Field(sa_type=JSONB)
    updated_at: datetime = Field(sa_type=UTC_TIME, sa_column_kwargs={"server_default": sa.func.now()}, default=None)
