"""Finds the cases that nobody carries any more: their row is open, or owes somebody a message, and no run is there.

A run can be terminated, fail, or be lost with the engine's database. Nothing would come due for such a case until
somebody happens to ask something of it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlmodel import col
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from api.cases.beginning import begin_from_row
from api.cases.kinds import Kind
from api.cases.open_cases import is_open, never_asked, rows_of, some_open
from domain.cases import UNSENT, CaseKind, CaseRef, DeliveryStatus, StepRef, workflow_id
from models.cases import DeliveryRow
from models.database import Database
from models.plain import Plain
from stores.tenants import tenant_ids

CASES_PER_ROUND = 2_000
CASES_PER_BATCH = 200
ASKED_AT_ONCE = 8
# A run sends its messages at once, and gives none up for good.
_UNSENT_AFTER = timedelta(minutes=5)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Round:
    """How many open cases were looked at, and which cases had no run, by their workflows' ids."""

    looked_at: int
    lost: tuple[str, ...]


class LostCases:
    """Looks at some cases in each round, where the last one stopped, and at all of them before any a second time."""

    def __init__(self, client: Client, database: Database, kinds: Mapping[CaseKind, Kind]) -> None:
        self._client, self._database, self._kinds = client, database, kinds
        self._some_of = Plain(sa.union_all(*(_some_of(entry) for entry in kinds.values())))
        self._stopped_at: tuple[UUID, CaseKind, UUID] | None = None

    async def look(self, *, begin: bool = True) -> Round:
        """One round, which begins from their rows those that it finds, unless it shall only look.

        Raises RPCError when the engine is away; the next round goes on from there.
        """
        looked_at, lost = 0, list[str]()
        async for tenant_id, entry in self._places():
            lost += await self._lost(entry, tenant_id, await self._owing(entry, tenant_id), begin=begin)
            if begin:
                await self._send_again(entry, tenant_id)
            while looked_at < CASES_PER_ROUND and (batch := await self._batch(entry, tenant_id)):
                lost += await self._lost(entry, tenant_id, batch, begin=begin)
                looked_at += len(batch)
                self._stopped_at = (tenant_id, entry.kind, batch[-1])
            if looked_at >= CASES_PER_ROUND:
                break
        else:
            self._stopped_at = None
        return Round(looked_at, tuple(dict.fromkeys(lost)))

    async def _places(self) -> AsyncIterator[tuple[UUID, Kind]]:
        """Every tenant with every kind of which it has something to look at, from where the last round stopped."""
        async with self._database.transaction() as session:
            tenants = await tenant_ids(session)
        places = [(tenant_id, entry) for tenant_id in tenants for entry in self._kinds.values()]
        passed = [(tenant_id, entry.kind) for tenant_id, entry in places]
        if self._stopped_at and self._stopped_at[:2] in passed:
            places = places[passed.index(self._stopped_at[:2]) :]
        for tenant_id, of_tenant in groupby(places, key=itemgetter(0)):
            there = await self._database.in_one_go(self._some_of(of_tenant=tenant_id), tenant_id=tenant_id)
            kinds = {row.kind for row in there}
            for place in of_tenant:
                if place[1].kind in kinds:
                    yield place

    async def _batch(self, entry: Kind, tenant_id: UUID) -> list[UUID]:
        here = self._stopped_at is not None and self._stopped_at[:2] == (tenant_id, entry.kind)
        after = self._stopped_at[2] if self._stopped_at and here else None
        return await some_open(self._database, entry, tenant_id, after=after, most=CASES_PER_BATCH)

    async def _owing(self, entry: Kind, tenant_id: UUID) -> list[UUID]:
        """The cases with messages that should have been sent by now, over or not."""
        query = sa.select(col(DeliveryRow.case_id)).distinct().where(_unsent(entry, tenant_id)).limit(CASES_PER_BATCH)
        async with self._database.glance(tenant_id) as session:
            return [case_id for case_id in await session.scalars(query) if case_id]

    async def _lost(self, entry: Kind, tenant_id: UUID, case_ids: list[UUID], *, begin: bool) -> list[str]:
        places = asyncio.Semaphore(ASKED_AT_ONCE)

        async def runs(case_id: UUID) -> bool:
            async with places:
                return await self._runs(workflow_id(entry.kind, case_id))

        running = await asyncio.gather(*(runs(case_id) for case_id in case_ids))
        idle = [case_id for case_id, is_running in zip(case_ids, running, strict=True) if not is_running]
        lost = await self._still_waiting(entry, tenant_id, idle) if idle else []
        for case_id in lost if begin else ():
            log.error("case_without_run", case=workflow_id(entry.kind, case_id), tenant_id=str(tenant_id))
            case = CaseRef(tenant_id, case_id)
            await begin_from_row(self._client, entry, case)
        return [workflow_id(entry.kind, case_id) for case_id in lost]

    async def _send_again(self, entry: Kind, tenant_id: UUID) -> None:
        """Tells cases which messages somebody wants to be sent again, where the engine has not heard of it."""
        row = DeliveryRow
        untried = sa.and_(col(row.status) == DeliveryStatus.PENDING, col(row.attempts) > 0)
        query = sa.select(col(row.case_id), col(row.step_id)).distinct().limit(CASES_PER_BATCH)
        async with self._database.glance(tenant_id) as session:
            wanted = (await session.execute(query.where(_unsent(entry, tenant_id), untried))).all()
        for case_id, step_id in wanted:
            if case_id:
                case, step = CaseRef(tenant_id, case_id), StepRef(tenant_id, step_id)
                await begin_from_row(self._client, entry, case, send_again=step)

    async def _runs(self, case: str) -> bool:
        try:
            found = await self._client.get_workflow_handle(case).describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return found.status is WorkflowExecutionStatus.RUNNING

    async def _still_waiting(self, entry: Kind, tenant_id: UUID, case_ids: list[UUID]) -> list[UUID]:
        """Those whose rows wait for a run now that none was found: a run that ended by itself has left its row over."""
        rows = rows_of(entry)
        owes = sa.exists().where(_unsent(entry, tenant_id), col(DeliveryRow.case_id) == rows.c.id)
        waits = is_open(entry, tenant_id) | owes
        query = sa.select(rows.c.id).where(
            rows.c.tenant_id == tenant_id, rows.c.id.in_(case_ids), waits, ~never_asked(entry)
        )
        async with self._database.glance(tenant_id) as session:
            return list(await session.scalars(query))


def _some_of(entry: Kind) -> sa.Select[str]:
    """The kind, where the tenant has cases of it that are open or owe a message."""
    tenant_id = sa.bindparam("of_tenant", type_=sa.Uuid())
    some = sa.exists().where(is_open(entry, tenant_id)) | sa.exists().where(_unsent(entry, tenant_id))
    return sa.select(sa.literal(str(entry.kind)).label("kind")).where(some)


def _unsent(entry: Kind, tenant_id: UUID | sa.BindParameter[UUID]) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(DeliveryRow.tenant_id) == tenant_id,
        col(DeliveryRow.case_kind) == entry.kind,
        col(DeliveryRow.status).in_(UNSENT),
        col(DeliveryRow.created_at) < sa.func.now() - sa.literal(_UNSENT_AFTER),
    )
