"""`casewright resume`: gives every open case a run that begins with its row: after the engine has lost its store, or
when store and database were restored as they were at different moments."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
import typer
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from api.cases.beginning import begin_from_row
from api.cases.kinds import Kind
from api.cases.open_cases import never_asked, rows_of, some_open
from api.mail.watch import MailboxWatch
from api.registry import KINDS
from domain.cases import CaseKind, CaseRef, workflow_id
from models.database import Database
from ops.engine_client import engine_client
from ops.trouble import Trouble
from runtime.settings import Settings, settings
from stores.tenants import tenant_ids
from workflows.parts.attributes import TENANT

PER_SECOND = 50
_AT_ONCE = 20
_PORTION = 500


def resume(
    anew: Annotated[
        bool, typer.Option(help="Also end the runs that there are: they know of another past than the rows do.")
    ] = False,
    per_second: Annotated[int, typer.Option(min=1, help="How many cases begin in a second.")] = PER_SECOND,
) -> None:
    """Give every open case a run that begins with its row, so that its deadlines are kept, and every mailbox one, so
    that it is fetched; harmless when repeated."""
    asyncio.run(_resume(settings(), anew=anew, per_second=per_second))


@dataclass
class Resumed:
    """How many cases have begun, how many had a run and kept it, and of how many runs nothing was left to keep."""

    begun: int = 0
    running: int = 0
    ended: int = 0


async def _resume(config: Settings, *, anew: bool, per_second: int) -> None:
    if config.database_url is None:
        raise Trouble("No database: set DATABASE_URL, or start one with `casewright up`.")
    database = Database(config.database_url.get_secret_value(), pool_size=2)
    try:
        async with engine_client(config) as client:
            resuming = Resuming(client, database, per_second=per_second)
            try:
                done = await (resuming.anew() if anew else resuming.those_without_run())
                mailboxes = await MailboxWatch(client, database).begin_all()
            except RPCError as error:
                raise Trouble(
                    f"Temporal does not take any more ({error.message}); {resuming.done.begun} cases have begun: "
                    "run it again for the rest."
                ) from error
    finally:
        await database.close()
    left = f", {done.ended} runs had no case and were ended" if done.ended else ""
    typer.echo(f"{done.begun} cases have begun, {done.running} had a run already{left}.")
    typer.echo(f"{mailboxes} mailboxes are looked after.")


class Resuming:
    """Begins the open cases of a database in an engine, so many a second. Raises RPCError when the engine is away; what
    has begun by then is in `done`."""

    def __init__(
        self,
        client: Client,
        database: Database,
        kinds: Mapping[CaseKind, Kind] = KINDS,
        *,
        per_second: int = PER_SECOND,
    ) -> None:
        self._client, self._database, self._kinds = client, database, kinds
        self._pause, self._places = 1 / per_second, asyncio.Semaphore(_AT_ONCE)
        self._next = 0.0
        self.done = Resumed()

    async def those_without_run(self) -> Resumed:
        """Begins those that have no run, and leaves those alone that have one."""
        async for entry, tenant_id, case_ids in self._open():
            await self._begin(entry, tenant_id, case_ids, WorkflowIDConflictPolicy.FAIL)
        return self.done

    async def anew(self) -> Resumed:
        """Begins all of them anew. A run of a case that is over by its row begins anew too, and ends by itself; one of
        which there is no row is ended."""
        before = await self._running()
        async for entry, tenant_id, case_ids in self._open():
            await self._begin(entry, tenant_id, case_ids, WorkflowIDConflictPolicy.TERMINATE_EXISTING)
            for case_id in case_ids:
                before.pop(workflow_id(entry.kind, case_id), None)
        for case, tenant_id in before.items():
            kind, _, identity = case.partition("/")
            await self._begin_or_end(self._kinds[CaseKind(kind)], tenant_id, UUID(identity))
        return self.done

    async def _open(self) -> AsyncIterator[tuple[Kind, UUID, list[UUID]]]:
        async with self._database.transaction() as session:
            tenants = await tenant_ids(session)
        for tenant_id in tenants:
            for entry in self._kinds.values():
                asked, after = ~never_asked(entry), UUID(int=0)
                while case_ids := await some_open(self._database, entry, tenant_id, asked, after=after, most=_PORTION):
                    yield entry, tenant_id, case_ids
                    after = case_ids[-1]

    async def _running(self) -> dict[str, UUID]:
        """The tenant of each case that runs, by its workflow's id."""
        types = ", ".join(f"'{entry.workflow_type}'" for entry in self._kinds.values())
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        query = f"ExecutionStatus = 'Running' AND WorkflowType IN ({types}) AND StartTime < '{now}'"
        found = dict[str, UUID]()
        async for run in self._client.list_workflows(query):
            if tenant := run.typed_search_attributes.get(TENANT):
                found[run.id] = UUID(tenant)
        return found

    async def _begin(
        self, entry: Kind, tenant_id: UUID, case_ids: list[UUID], conflict: WorkflowIDConflictPolicy
    ) -> None:
        async def begin(case_id: UUID) -> None:
            async with self._places:
                try:
                    await begin_from_row(self._client, entry, CaseRef(tenant_id, case_id), conflict=conflict)
                except WorkflowAlreadyStartedError:
                    self.done.running += 1
                else:
                    self.done.begun += 1

        beginning = []
        for case_id in case_ids:
            await self._turn()
            beginning.append(asyncio.create_task(begin(case_id)))
        await asyncio.gather(*beginning)

    async def _begin_or_end(self, entry: Kind, tenant_id: UUID, case_id: UUID) -> None:
        rows: Any = rows_of(entry)
        query = sa.select(rows.c.id).where(rows.c.tenant_id == tenant_id, rows.c.id == case_id, rows.c.version > 0)
        async with self._database.glance(tenant_id) as session:
            is_there = await session.scalar(query)
        if is_there:
            await self._begin(entry, tenant_id, [case_id], WorkflowIDConflictPolicy.TERMINATE_EXISTING)
        else:
            run = self._client.get_workflow_handle(workflow_id(entry.kind, case_id))
            await run.terminate("The database knows of no such case.")
            self.done.ended += 1

    async def _turn(self) -> None:
        now = asyncio.get_running_loop().time()
        self._next = max(self._next, now) + self._pause
        await asyncio.sleep(self._next - now)
