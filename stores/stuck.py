"""Cases that are stuck: a step of theirs fails again and again, or a command of theirs is not carried out. Which those
are the database says, for all tenants."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from models.database import Database
from stores.failing import NOT_HEARD_OF_FOR

WAITED_LONG = timedelta(minutes=5)
"""Pending commands are swept up every few seconds: what has not been settled by then is not being settled."""

_LONGEST = sa.text("SELECT * FROM stuck_cases(now() - :heard, now() - :waited) ORDER BY since LIMIT 1")


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
        found = (await session.execute(_LONGEST, {"heard": NOT_HEARD_OF_FOR, "waited": WAITED_LONG})).one_or_none()
    return StuckCase(*found) if found else None
