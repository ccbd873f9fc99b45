"""Commands that nobody has answered yet: finding them, and writing down what became of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased
from sqlmodel import col
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.progress import tell_that_it_goes_on
from domain.cases import CommandStatus, StepRef
from models.cases import CommandRow
from models.database import Database
from stores.tenants import tenants_with_commands

CASES_PER_SWEEP = 1000
COMMANDS_PER_CASE = 50
# So many that those which nobody answers, each for the dispatcher's patience, keep the others waiting for seconds only.
CASES_AT_ONCE = 500
# Seconds: before the second try, and at most.
FIRST_BACKOFF, LONGEST_BACKOFF = 5, 60

Redeliver = Callable[[CommandRow], Awaitable[bool]]


class CommandActivities:
    """`redeliver` asks the workflow again and settles a refusal; it returns whether the command is settled now."""

    def __init__(self, database: Database, redeliver: Redeliver, *, after: timedelta) -> None:
        self._database = database
        self._redeliver = redeliver
        self._after = after

    @activity.defn(name="commands.sweep")
    async def sweep(self) -> int:
        """Delivers pending commands again with their own ids, in order per case; returns how many are settled now.

        The oldest of each case goes first, those of all tenants side by side; what was carried in vain waits a little
        longer each time, and holds back no case but its own.
        """
        async with self._database.transaction() as session:
            tenants = await tenants_with_commands(session, created_before=datetime.now(UTC) - self._after)
        places = asyncio.Semaphore(CASES_AT_ONCE)
        return sum(await asyncio.gather(*(self._sweep_tenant(tenant_id, places) for tenant_id in tenants)))

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

    async def _sweep_tenant(self, tenant_id: UUID, places: asyncio.Semaphore) -> int:
        async with self._database.transaction(tenant_id) as session:
            wanted = {"of_tenant": tenant_id, "before": datetime.now(UTC) - self._after}
            heads = (await session.scalars(_heads(), wanted)).all()
        return sum(await asyncio.gather(*(self._sweep_case(head, places) for head in heads)))

    async def _sweep_case(self, head: CommandRow, places: asyncio.Semaphore) -> int:
        settled = 0
        async with places:
            for command in (head, *await self._following(head)):
                tell_that_it_goes_on()
                if not await self._redeliver(command):
                    # Later ones of this case must not overtake it.
                    break
                settled += 1
        return settled

    async def _following(self, head: CommandRow) -> Sequence[CommandRow]:
        if head.fault is not None:
            return ()
        async with self._database.transaction(head.tenant_id) as session:
            following = await session.scalars(
                sa.select(CommandRow)
                .where(
                    col(CommandRow.tenant_id) == head.tenant_id,
                    col(CommandRow.case_id) == head.case_id,
                    col(CommandRow.status) == CommandStatus.PENDING,
                    col(CommandRow.fault).is_(None),
                    sa.tuple_(col(CommandRow.created_at), col(CommandRow.id)) > (head.created_at, head.id),
                    col(CommandRow.created_at) < datetime.now(UTC) - self._after,
                )
                .order_by(col(CommandRow.created_at), col(CommandRow.id))
                .limit(COMMANDS_PER_CASE)
            )
            return following.all()


@cache
def _heads() -> sa.Select[CommandRow]:
    """The oldest pending command of each case, and every one that met a defect, for which the others of its case do not
    wait: those whose time to be carried again has come, and those tried least first. Built once, because every round
    asks for them."""
    by_itself = sa.case((col(CommandRow.fault).is_not(None), col(CommandRow.id)))
    oldest = (
        sa.select(CommandRow)
        .ext(distinct_on(col(CommandRow.case_id), by_itself))
        .where(
            col(CommandRow.tenant_id) == sa.bindparam("of_tenant"),
            col(CommandRow.status) == CommandStatus.PENDING,
            col(CommandRow.created_at) < sa.bindparam("before"),
        )
        .order_by(col(CommandRow.case_id), by_itself, col(CommandRow.created_at), col(CommandRow.id))
        .subquery()
    )
    head = aliased(CommandRow, oldest)
    patience = sa.func.least(LONGEST_BACKOFF, FIRST_BACKOFF * sa.func.power(2, sa.func.least(col(head.tries), 20) - 1))
    again_at = col(head.put_off_at) + patience * sa.literal(timedelta(seconds=1))
    return (
        sa.select(head)
        .where(col(head.put_off_at).is_(None) | (again_at <= sa.func.now()))
        .order_by(col(head.tries), col(head.created_at))
        .limit(CASES_PER_SWEEP)
    )
