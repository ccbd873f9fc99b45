"""Activities that keep failing, as the workers see them."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from models.base import UTC_TIME


class FailingActivity(SQLModel, table=True):
    """An activity of a run, by the run's workflow: what it is, how often it was tried, since when, and by what kind of
    failure it failed the last time, at `failed_at`. It goes when the activity has ended."""

    __tablename__ = "failing_activity"

    tenant_id: UUID = Field(foreign_key="tenant.id", primary_key=True)
    workflow_id: str = Field(max_length=200, primary_key=True)
    activity_id: str = Field(max_length=60, primary_key=True)
    activity: str = Field(max_length=60)
    attempts: int
    fault: str = Field(max_length=60)
    since: datetime = Field(sa_type=UTC_TIME)
    failed_at: datetime = Field(sa_type=UTC_TIME)
