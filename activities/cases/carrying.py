"""Commands that nobody has answered yet: finding them, and writing down what became of them."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.cases import CommandStatus, StepRef
from models.cases import CommandRow
from models.database import Database
from models.tenants import Tenant

COMMANDS_PER_SWEEP = 500
CASES_AT_ONCE = 8

Redeliver = Callable[[CommandRow], Awaitable[bool]]


class CommandActivities:
    """`redeliver` asks the workflow again and settles a refusal; it returns whether the command is settled now."""

    def __init__(self, database: Database, redeliver: Redeliver, *, after: timedelta) -> None:
        self._database = database
        self._redeliver = redeliver
        self._after = after

    @activity.defn(name="commands.sweep")
    async def sweep(self) -> int:
        """Delivers pending commands again with their own ids, in order per case; returns how many are settled now."""
        async with self._database.transaction() as session:
            tenants = list(await session.scalars(sa.select(col(Tenant.id))))
        settled = 0
        for tenant_id in tenants:
            activity.heartbeat()
            settled += await self._sweep_tenant(tenant_id)
        return settled

    @activity.defn(name="commands.carry")
    async def carry(self, step: StepRef) -> int:
        """Carries what a step has asked of other cases; returns how many commands are settled now.

        Raises ApplicationError `ask_unanswered` when some are not: to be tried again, or left to the sweep.
        """
        async with self._database.transaction(step.tenant_id) as session:
            asks = list(
                await session.scalars(
                    sa.select(CommandRow)
                    .where(
                        col(CommandRow.tenant_id) == step.tenant_id,
                        col(CommandRow.asked_by) == step.step_id,
                        col(CommandRow.status) == CommandStatus.PENDING,
                    )
                    .order_by(col(CommandRow.id))
                )
            )
        settled = [await self._redeliver(command) for command in asks]
        if not all(settled):
            raise ApplicationError("Another case has not answered yet.", type="ask_unanswered")
        return len(settled)

    async def _sweep_tenant(self, tenant_id: UUID) -> int:
        async with self._database.transaction(tenant_id) as session:
            pending = await session.scalars(
                sa.select(CommandRow)
                .where(
                    col(CommandRow.tenant_id) == tenant_id,
                    col(CommandRow.status) == CommandStatus.PENDING,
                    col(CommandRow.created_at) < datetime.now(UTC) - self._after,
                )
                .order_by(col(CommandRow.created_at), col(CommandRow.id))
                .limit(COMMANDS_PER_SWEEP)
            )
            by_case: dict[UUID | None, list[CommandRow]] = defaultdict(list)
            for command in pending:
                by_case[command.case_id].append(command)
        places = asyncio.Semaphore(CASES_AT_ONCE)
        return sum(await asyncio.gather(*(self._sweep_case(commands, places) for commands in by_case.values())))

    async def _sweep_case(self, commands: list[CommandRow], places: asyncio.Semaphore) -> int:
        async with places:
            for settled, command in enumerate(commands):
                activity.heartbeat()
                if not await self._redeliver(command):
                    # Later ones of this case must not overtake it.
                    return settled
            return len(commands)
