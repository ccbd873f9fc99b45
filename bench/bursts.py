"""What comes all at once: a hundred commands on one ticket, and hundreds of deadlines at one moment."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import UUID

import sqlalchemy as sa
from rich.table import Table
from sqlmodel import col

from bench.cpu import ReadCpu
from bench.http_connection import HttpConnection, UnexpectedAnswer, request
from bench.load import Series
from bench.mail import Outbox, tenant_of
from bench.product import PREFIX, connections, in_time, log_in
from domain.callbacks.rules import REMIND_BEFORE
from domain.tasks.events import TaskEvent
from models.cases import EventRow
from models.database import Database
from models.tasks import TaskRow

COMMANDS = 100
LATE_AT_MOST = 20
DEADLINES = 500
SETTLED_WITHIN_SECONDS = 20.0

_CLIENTS = 20
_PATIENCE_SECONDS = 120.0
_EVERY_SECONDS = 0.1
_EXTRA_SECONDS = 5.0


@dataclass(frozen=True)
class Burst:
    """So many at once, and for how many `seconds` it took until the last was done. `late` were answered with 202 or
    503.
    `cpu_seconds` is what each part of the stack has used meanwhile: on a busy machine it tells more than the time."""

    name: str
    count: int
    seconds: float
    late: int
    cpu_seconds: dict[str, float]
    target: str
    target_met: bool


class Bursts:
    """What is measured in a tenant of the demo, in which a customer asks and an agent works."""

    def __init__(self, opened: Sequence[HttpConnection], tenant: str, customer: str, agent: str, cpu: ReadCpu) -> None:
        self._connections, self._tenant = opened, tenant
        self._customer, self._agent, self._cpu = customer, agent, cpu

    async def commands(self, count: int = COMMANDS) -> Burst:
        """So many messages to one ticket at the same time."""
        body = {"subject": "Benchmark", "body": "Everybody at once, please.", "priority": "low"}
        ticket = (
            f"{PREFIX}/tickets/{await self._post(0, f'{PREFIX}/tickets', self._customer, HTTPStatus.CREATED, body)}"
        )
        replies = [
            request("POST", f"{ticket}/messages", token=token, body={"body": "Me too."})
            for token in (self._customer, self._agent)
        ]
        before, began = self._cpu(), time.perf_counter()
        asking = (self._connections[number].ask(replies[number % 2]) for number in range(count))
        answers = await asyncio.gather(*asking)
        seconds, used = time.perf_counter() - began, _seconds_since(before, self._cpu())
        # On a machine that is busy with other things some wait for a connection to the database in vain.
        heard = [answer for answer in answers if answer[0] != HTTPStatus.SERVICE_UNAVAILABLE]
        late = count - sum(in_time(status, HTTPStatus.CREATED, "a message", body) for status, body in heard)
        target = f"{LATE_AT_MOST} late or less"
        name = f"{count} commands at once on one ticket"
        return Burst(name, count, round(seconds, 2), late, used, target, late <= LATE_AT_MOST)

    async def deadlines(self, database: Database, count: int = DEADLINES) -> Burst:
        """So many callbacks of which an agent is reminded at the same moment. Raises UnexpectedAnswer when that does
        not come."""
        tenant_id, outbox = await tenant_of(database, self._tenant), Outbox(database, self._tenant)
        began = time.perf_counter()
        asked = {"phone": "+213550123456", "topic": "Benchmark"}
        callbacks: list[str] = []

        async def open_one(client: int) -> None:
            path = f"{PREFIX}/callbacks"
            callbacks.append(await self._post(client, path, self._customer, HTTPStatus.CREATED, asked))

        await self._for_each(count, open_one)
        # Planning takes as long again.
        lead = timedelta(seconds=2 * (time.perf_counter() - began) + _EXTRA_SECONDS)
        moment = (datetime.now(UTC) + lead).replace(microsecond=0)
        at = {"at": (moment + REMIND_BEFORE).isoformat()}
        left = iter(callbacks)

        async def plan_one(client: int) -> None:
            await self._post(client, f"{PREFIX}/callbacks/{next(left)}/plan", self._agent, HTTPStatus.OK, at)

        await self._for_each(count, plan_one)
        cases = [UUID(callback) for callback in callbacks]
        await outbox.sent(cases)
        before = self._cpu()
        seconds = await _reminded(database, tenant_id, cases, moment)
        used = _seconds_since(before, self._cpu())
        await outbox.sent(cases)
        await self._end(database, tenant_id, cases)
        target = f"within {SETTLED_WITHIN_SECONDS:g} s"
        name = f"{count} deadlines at one moment"
        return Burst(name, count, round(seconds, 2), 0, used, target, seconds <= SETTLED_WITHIN_SECONDS)

    async def _end(self, database: Database, tenant_id: UUID | None, cases: Sequence[UUID]) -> None:
        async with database.transaction(tenant_id) as session:
            tasks = iter(
                (await session.scalars(sa.select(col(TaskRow.id)).where(col(TaskRow.case_id).in_(cases)))).all()
            )
        made = {"decision": "done"}

        async def end_one(client: int) -> None:
            await self._post(client, f"{PREFIX}/reviews/{next(tasks)}/decision", self._agent, HTTPStatus.OK, made)

        await self._for_each(len(cases), end_one)

    async def _for_each(self, count: int, deed: Callable[[int], Awaitable[None]]) -> None:
        async def ask(client: int) -> bool:
            await deed(client)
            return True

        await Series("burst", _CLIENTS, ask).go_on(count)

    async def _post(self, client: int, path: str, token: str, expected: HTTPStatus, body: dict[str, str]) -> str:
        status, answer = await self._connections[client].ask(request("POST", path, token=token, body=body))
        told = json.loads(answer)
        return str(told["id" if in_time(status, expected, path, answer) else "case_id"])


async def measure_bursts(
    host: str, port: int, tenant: str, password: str, database: Database, cpu: ReadCpu
) -> list[Burst]:
    """Both, one after the other. Raises OSError and UnexpectedAnswer, as `product_load` does."""
    async with connections(host, port, COMMANDS) as opened:
        customer = await log_in(opened[0], f"client@{tenant}.example", password)
        agent = await log_in(opened[0], f"agent@{tenant}.example", password)
        bursts = Bursts(opened, tenant, customer, agent, cpu)
        return [await bursts.commands(), await bursts.deadlines(database)]


async def _reminded(database: Database, tenant_id: UUID | None, cases: Sequence[UUID], moment: datetime) -> float:
    """How many seconds after the moment the last of these cases had its reminder recorded."""
    recorded = sa.select(sa.func.count(), sa.func.max(col(EventRow.created_at))).where(
        col(EventRow.case_id).in_(cases), col(EventRow.kind) == TaskEvent.REMINDED
    )
    try:
        async with asyncio.timeout((moment - datetime.now(UTC)).total_seconds() + _PATIENCE_SECONDS):
            while True:
                async with database.transaction(tenant_id) as session:
                    found, last = (await session.execute(recorded)).one()
                if found == len(cases):
                    return float((last - moment).total_seconds())
                await asyncio.sleep(_EVERY_SECONDS)
    except TimeoutError:
        raise UnexpectedAnswer("The deadlines were not all settled: does a worker run?") from None


def _seconds_since(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    return {part: round((used - before.get(part, 0.0)) / 1000, 2) for part, used in after.items()}


def table_of(bursts: Sequence[Burst]) -> Table:
    """The figures for a person to read."""
    parts = list(bursts[0].cpu_seconds) if bursts else []
    shown = Table(
        title="At once: seconds until the last was done" + ("; of each part, seconds of a core" if parts else ""),
        title_justify="left",
    )
    shown.add_column("what", no_wrap=True)
    for heading in ("seconds", "late", *parts):
        shown.add_column(heading, justify="right")
    shown.add_column("should be", no_wrap=True)
    for burst in bursts:
        used = [f"{burst.cpu_seconds[part]:.1f}" for part in parts]
        colour = "green" if burst.target_met else "red"
        target = f"[{colour}]{burst.target}[/]"
        shown.add_row(burst.name, f"{burst.seconds:.1f}", str(burst.late or ""), *used, target)
    return shown
