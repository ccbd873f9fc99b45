"""Cases that are stuck: a step of theirs fails again and again, or a command of theirs is not carried out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.cases import CommandStatus
from models.cases import CommandRow
from models.database import Database
from models.failing import FailingActivity
from stores.failing import NOT_HEARD_OF_FOR
from stores.tenants import tenants_with_commands, tenants_with_failures

WAITED_LONG = timedelta(minutes=5)
"""Pending commands are swept up every few seconds: what has not been settled by then is not being settled."""

_STEPS = ("%.take_step", "%.load")
"""The activities without which a case cannot go on."""

_COMMAND: sa.Table = CommandRow.__table__  # type: ignore[attr-defined]
_FAILING: sa.Table = FailingActivity.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class StuckCase:
    """A case by its workflow's id, since when it is stuck, and by what: the fault of its step or command, None when a
    command was simply not answered."""

    workflow_id: str
    since: datetime
    code: str | None


async def longest_stuck(database: Database) -> StuckCase | None:
    """The case of all tenants that is stuck for the longest time; None when there is none."""
    async with database.transaction() as session:
        tenants = {
            *await tenants_with_failures(session),
            *await tenants_with_commands(session, created_before=datetime.now(UTC)),
        }
    found = list[Any]()
    for tenant_id in tenants:
        stuck = _stuck(tenant_id)
        async with database.glance(tenant_id) as session:
            found += (await session.execute(sa.select(stuck).order_by(stuck.c.since).limit(1))).all()
    return min((StuckCase(*row) for row in found), key=lambda case: case.since, default=None)


def _stuck(tenant_id: UUID) -> sa.Subquery:
    activity, command = _FAILING.c, _COMMAND.c
    steps: Any = sa.select(
        sa.cast(activity.workflow_id, sa.Text).label("workflow_id"),
        activity.since.label("since"),
        sa.cast(activity.fault, sa.Text).label("code"),
    ).where(
        activity.tenant_id == tenant_id,
        activity.failed_at > sa.func.now() - NOT_HEARD_OF_FOR,
        sa.or_(*(activity.activity.like(step) for step in _STEPS)),
    )
    commands: Any = sa.select(
        sa.func.concat(command.case_kind, "/", command.case_id), command.created_at, sa.cast(command.fault, sa.Text)
    ).where(
        command.tenant_id == tenant_id,
        command.status == CommandStatus.PENDING,
        (command.created_at < sa.func.now() - WAITED_LONG) | command.fault.is_not(None),
    )
    return sa.union_all(steps, commands).subquery()
