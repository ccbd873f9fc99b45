"""The two activities of every lifecycle, made for a kind by its aggregate: one takes a step, one reads the case."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar, get_args

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.cases.addressees import addressed
from activities.cases.ledger import asks_left, begin, finish, left_by, opened_under, undelivered
from activities.cases.numbers import next_number
from activities.cases.step import Notice, Step, StepResult, refused
from activities.cases.values import as_json
from activities.tasks.inbox import CaseOfTask, take_tasks
from domain.cases import CaseKind, CaseRef, CaseState
from domain.refusal import Refusal
from domain.tasks.deeds import TaskStep
from models.base import CaseRow
from models.database import Database
from models.tenants import Tenant
from stores.tasks import pending_tasks

M = TypeVar("M", bound=CaseRow)
S = TypeVar("S", bound=CaseState)
P = TypeVar("P", bound=Step[Any])


@dataclass
class Reading(Generic[M]):
    """A case while it is read, in a transaction."""

    session: AsyncSession
    row: M
    tenant: Tenant


@dataclass
class Taking(Reading[M], Generic[M, P]):
    """A step while it is taken. What `values` holds is written to the row, `told` is shown in the timeline besides,
    `notices` are sent; `task_due_at` is when the last task that the step opened is due.

    `known` is what `Aggregate.known` would find after the step, when `take` has it at hand anyway. `silent` tells
    nobody what the step's own facts would. `afterwards` runs last, for what makes others wait, such as the audit.
    """

    step: P
    reason: str | None
    values: dict[str, Any]
    beside: tuple[Any, ...] = ()
    told: dict[str, Any] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    task_due_at: datetime | None = None
    known: dict[str, Any] | None = None
    silent: bool = False
    afterwards: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    @property
    def opens(self) -> bool:
        """Whether this is the case's first step."""
        return bool(self.step.version == 1)


class Aggregate(Generic[M, S, P]):
    """What is particular to a kind: `class Tickets(Aggregate[Ticket, TicketState, TicketStep])`.

    `prefix` and `digits` make its numbers. `born_with` are the columns that the row brings from before its first step:
    that step's event tells them, so that the timeline holds all of the state. Where a command `opens_by_command` the
    workflow has never read them, and the first step leaves them as they are.
    """

    prefix: ClassVar[str]
    digits: ClassVar[int]
    born_with: ClassVar[tuple[str, ...]] = ("status", "customer_id")
    opens_by_command: ClassVar[bool] = True
    asks_people: ClassVar[bool] = True
    beside: ClassVar[tuple[Any, ...]] = ()
    """Columns that a step reads with its row, such as what a subquery finds: `Taking.beside` has their values, as the
    driver returns them."""

    model: type[M]
    state: type[S]
    step: type[P]

    def __init_subclass__(cls) -> None:
        cls.model, cls.state, cls.step = get_args(cls.__orig_bases__[0])  # type: ignore[attr-defined]
        columns = cls.model.__table__.columns.keys()  # type: ignore[attr-defined]
        cls._decided = tuple(each.name for each in fields(cls.state) if each.name in columns and each.name != "number")
        cls._settings = next((each.type for each in fields(cls.state) if each.name == "settings"), None)

    _decided: ClassVar[tuple[str, ...]]
    _settings: ClassVar[Any]

    @property
    def kind(self) -> CaseKind:
        """Which kind of case this is, as its state says."""
        return self.state.kind

    def open_rows(self) -> sa.ColumnElement[bool]:
        """The rows whose cases are not over: the state's `over` as a condition, for a state that has its own too."""
        status: sa.Column[Any] = self.model.__table__.c.status  # type: ignore[attr-defined]
        return status.in_([each for each, then in self.state.transitions.items() if then])

    async def known(self, case: Reading[M]) -> dict[str, Any]:  # noqa: ARG002
        """What the workflow knows of a case besides its row's columns and its tenant's settings, by the names of the
        state's fields."""
        return {}

    async def tasks(self, taking: Taking[M, P]) -> tuple[TaskStep, ...]:
        """The tasks of a step as they are to be written."""
        tasks: tuple[TaskStep, ...] = taking.step.tasks
        return tasks

    async def take(self, taking: Taking[M, P]) -> None:
        """What a step writes besides the state that it makes: fills `taking`, before the row is moved. Raises Refusal
        for what the rules forbid: then nothing of the step is written."""

    async def notices(self, taking: Taking[M, P]) -> list[Notice]:
        """Who is told of a step, and what; the row reads by now as the step makes it."""
        row, facts = taking.row, self.facts(taking.row)
        to_each = [
            await addressed(taking.session, row, self.customer_of(row), notice, facts) for notice in taking.step.notices
        ]
        return [notice for notices in to_each for notice in notices]

    def facts(self, row: M) -> dict[str, Any]:
        """What the mails about a case tell of it: its number, and the times that its state has."""
        times = {name: getattr(row, name) for name in self._decided if name.endswith("_at")}
        return {"number": row.number, **as_json({name: time for name, time in times.items() if time})}

    def customer_of(self, row: M) -> Any:
        """The customer that the inbox names beside the case's tasks."""
        return row.customer_id  # type: ignore[attr-defined]

    def differing(self, step: P, row: M) -> dict[str, Any]:
        """The columns that a step's state has otherwise than the row."""
        decided = {name: getattr(step.state, name) for name in self._decided}
        if step.version == 1 and self.opens_by_command:
            decided = {name: value for name, value in decided.items() if name not in self.born_with}
        return {name: value for name, value in decided.items() if value != getattr(row, name)}

    def state_of(self, row: M, known: dict[str, Any], tenant: Tenant) -> S:
        """The case as its workflow knows it."""
        stored = {name: getattr(row, name) for name in self._decided if getattr(row, name) is not None}
        settings = {"settings": self._settings.in_force(tenant.settings)} if self._settings else {}
        return self.state(**{"number": row.number or "", **settings, **stored, **known})


class CaseActivities(Generic[M, S, P]):
    """The activities of one aggregate: `<kind>.take_step` and `<kind>.load`."""

    def __init__(self, database: Database, aggregate: Aggregate[M, S, P]) -> None:
        self._database, self._aggregate = database, aggregate
        kind, result = aggregate.kind, StepResult[aggregate.state]  # type: ignore[name-defined]
        self.take_step = _activity(f"{kind}.take_step", self._take_step, {"step": aggregate.step, "return": result})
        self.load = _activity(f"{kind}.load", self._load, {"step": CaseRef, "return": result})

    async def _take_step(self, step: P) -> StepResult[S]:
        aggregate = self._aggregate
        async with self._database.transaction(step.tenant_id) as session:
            begun = await begin(session, step, aggregate.kind, aggregate.model, aggregate.beside)
            if begun.done:
                case = Reading(session, begun.row, begun.tenant)
                return await self._result(case, await aggregate.known(case), *await left_by(session, step))
            row, values = begun.row, aggregate.differing(step, begun.row)
            if step.version == 1:
                values["status_since"] = step.at
                if row.number is None:
                    values["number"] = await next_number(
                        session, begun.tenant, aggregate.prefix, step.at, aggregate.digits
                    )
            taking: Taking[M, P] = Taking(session, row, begun.tenant, step, begun.reason, values, begun.beside)
            try:
                await self._take_tasks(taking)
                await aggregate.take(taking)
            except Refusal as refusal:
                raise refused(refusal) from None
            return await self._finish(taking)

    async def _load(self, ref: CaseRef) -> StepResult[S]:
        async with self._database.transaction(ref.tenant_id) as session:
            row = await session.get_one(self._aggregate.model, ref.case_id)
            tenant = await session.get_one(Tenant, ref.tenant_id)
            case = Reading(session, row, tenant)
            result = await self._result(case, await self._aggregate.known(case))
            opened = await session.scalar(opened_under(ref))
            return replace(result, undelivered=await undelivered(session, ref), correlation_id=opened)

    async def _take_tasks(self, taking: Taking[M, P]) -> None:
        if not taking.step.tasks:
            return
        row: Any = taking.row
        number = taking.values.get("number") or row.number or ""
        case = CaseOfTask(self._aggregate.kind, number, self._aggregate.customer_of(taking.row))
        tasks = await self._aggregate.tasks(taking)
        taken = await take_tasks(taking.session, taking.step, case, tasks, taking.reason)
        taking.told |= taken.changes
        taking.notices += taken.notices
        taking.task_due_at = taken.due_at

    async def _finish(self, taking: Taking[M, P]) -> StepResult[S]:
        aggregate, session, step, row = self._aggregate, taking.session, taking.step, taking.row
        values = {name: value for name, value in taking.values.items() if value != getattr(row, name)}
        born = aggregate.born_with if taking.opens else ()
        told = values | {name: values.get(name, getattr(row, name)) for name in born}
        # The row is in no session that would have to hear of it.
        vars(row).update(values, version=step.version, updated_at=step.at)
        if not taking.silent:
            taking.notices = [*await aggregate.notices(taking), *taking.notices]
        notices = _each_once(taking.notices)
        known = taking.known or await aggregate.known(taking)
        result = await self._result(taking, known, len(notices), asks_left(step))
        await finish(
            session,
            step,
            kind=aggregate.kind,
            model=aggregate.model,
            values=values,
            changes=as_json(told) | taking.told,
            reason=taking.reason,
            notices=notices,
            last=not taking.afterwards,
        )
        for afterwards in taking.afterwards:
            await afterwards()
        return result

    async def _result(
        self, case: Reading[M], known: dict[str, Any], deliveries: int = 0, asked: int = 0
    ) -> StepResult[S]:
        return StepResult(
            version=case.row.version,
            state=self._aggregate.state_of(case.row, known, case.tenant),
            tasks=await pending_tasks(case.session, case.row.id) if self._aggregate.asks_people else (),
            deliveries=deliveries,
            asked=asked,
            tenant_slug=case.tenant.slug,
        )


def _each_once(notices: Sequence[Notice]) -> list[Notice]:
    """Who is both assignee and manager, or is asked to do several things by one step, is told once: by the first."""
    first: dict[tuple[object, ...], Notice] = {}
    for notice in notices:
        first.setdefault((notice.template, notice.recipient_id, notice.customer_id, notice.participant_id), notice)
    return list(first.values())


def _activity(name: str, method: Callable[..., Any], annotations: dict[str, Any]) -> Callable[..., Any]:
    """An activity by this name whose types the converter can read: those of a generic class are not spelled out."""

    async def run(step: Any) -> Any:
        return await method(step)

    run.__annotations__ = annotations
    run.__name__ = run.__qualname__ = name.replace(".", "_")
    return activity.defn(name=name)(run)
