"""What about mail a person must look at: it has a task in the inbox."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from domain.mail_matters.rules import MatterAbout, MatterStatus
from models.base import UTC_TIME, CaseRow, belongs_to, enum_type, listed, numbered, waiting


class MailMatter(CaseRow, table=True):
    """A matter as people read it. What it is about, such as an address, is its `regards`: while one is open there is no
    second about the same. `last_at` is when the last mail came that belongs to it."""

    __tablename__ = "mail_matter"
    __table_args__ = (
        *numbered(),
        listed("ix_mail_matter_newest"),
        waiting("mail_matter", "status = 'open'"),
        listed("ix_mail_matter_by_status", "status"),
        sa.Index(
            "uq_mail_matter_open",
            "tenant_id",
            "about",
            "regards",
            unique=True,
            postgresql_where=sa.text("status = 'open'"),
        ),
        belongs_to("customer_id", "customer"),
        belongs_to("mail_id", "mail"),
        belongs_to("ticket_id", "ticket"),
    )

    status: MatterStatus = Field(default=MatterStatus.OPEN, sa_type=enum_type(MatterStatus))
    about: MatterAbout = Field(sa_type=enum_type(MatterAbout))
    regards: str = Field(max_length=400)
    customer_id: UUID | None = None
    mail_id: UUID | None = None
    ticket_id: UUID | None = None
    last_at: datetime = Field(sa_type=UTC_TIME)
