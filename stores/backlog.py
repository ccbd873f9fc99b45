"""What the house owes: commands that no workflow has answered, messages that have not been sent, tasks that nobody has
decided in time, and cases that are stuck."""

from dataclasses import dataclass

import sqlalchemy as sa

from models.database import Database
from stores.failing import NOT_HEARD_OF_FOR
from stores.stuck import WAITED_LONG

_BACKLOG = sa.text("SELECT * FROM backlog(now() - :heard, now() - :waited)")


@dataclass(frozen=True)
class Backlog:
    """How many there are of all tenants, and for how many seconds the oldest has waited or been late; 0 when there is
    none."""

    pending_commands: int = 0
    oldest_command_seconds: float = 0.0
    unsent_deliveries: int = 0
    oldest_delivery_seconds: float = 0.0
    overdue_tasks: int = 0
    latest_task_seconds: float = 0.0
    stuck_cases: int = 0


async def backlog(database: Database) -> Backlog:
    """The backlog of now, which one query finds for all tenants."""
    async with database.transaction() as session:
        [found] = await session.execute(_BACKLOG, {"heard": NOT_HEARD_OF_FOR, "waited": WAITED_LONG})
    return Backlog(**found._mapping)
