"""The SQL that every step of every kind of case runs: look the step up, then write row, event, command and messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from psycopg.errors import DivisionByZero
from psycopg.rows import tuple_row
from sqlalchemy.exc import DataError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio.exceptions import ApplicationError
from uuid_utils.compat import uuid7

from activities.cases.step import Notice, Step, refused
from domain.cases import DEEPEST_CHAIN, UNSENT, CaseKind, CaseRef, CommandStatus, DeliveryStatus
from domain.refusal import Refusal
from models.base import CaseRow
from models.cases import CommandRow, DeliveryRow, EventRow
from models.past_the_orm import Objects
from models.plain import Plain
from models.round_trips import run, send_with_next
from models.tenants import Tenant

ASKS = UUID("0d3f4c0e-6a8b-4d57-9c55-0f3b6f1f9a10")
"""The namespace for the ids of commands that steps ask of other cases: no idempotency key can produce such an id."""

# Built once, because building a statement takes longer than running it.
_COMMAND: sa.Table = CommandRow.__table__  # type: ignore[attr-defined]
_EVENT: sa.Table = EventRow.__table__  # type: ignore[attr-defined]
_DELIVERY: sa.Table = DeliveryRow.__table__  # type: ignore[attr-defined]
_THIS_COMMAND = (_COMMAND.c.tenant_id == sa.bindparam("of_tenant")) & (_COMMAND.c.id == sa.bindparam("of_id"))
_STAGE_DELIVERY = Plain(
    sa.insert(_DELIVERY),
    (
        *("id", "tenant_id", "case_kind", "case_id", "step_id", "channel", "template", "recipient_id", "customer_id"),
        *("participant_id", "context", "status", "attempts", "correlation_id", "due_at"),
    ),
)
_ASK = Plain(
    sa.insert(_COMMAND),
    (
        *("tenant_id", "id", "case_kind", "case_id", "kind", "arguments", "actor_id", "correlation_id", "fingerprint"),
        *("status", "asked_by", "depth", "tries", "created_at"),
    ),
)
_STAGED = (
    sa.select(sa.func.count())
    .select_from(_DELIVERY)
    .where(_DELIVERY.c.tenant_id == sa.bindparam("of_tenant"), _DELIVERY.c.step_id == sa.bindparam("of_id"))
)
_ASKED = (
    sa.select(sa.func.count())
    .select_from(_COMMAND)
    .where(_COMMAND.c.tenant_id == sa.bindparam("of_tenant"), _COMMAND.c.asked_by == sa.bindparam("of_id"))
)
_UNDELIVERED = (
    sa.select(_DELIVERY.c.step_id)
    .where(_DELIVERY.c.tenant_id == sa.bindparam("of_tenant"), _DELIVERY.c.case_id == sa.bindparam("of_case"))
    .where(_DELIVERY.c.status.in_(UNSENT))
    .group_by(_DELIVERY.c.step_id)
    .order_by(sa.func.min(_DELIVERY.c.due_at))
)


@dataclass(frozen=True)
class Begun:
    """What the database knows of a step before it is taken: the case's row and tenant, whether an earlier attempt has
    taken it, the reason that a person gave, and what the aggregate wants to know besides."""

    row: Any
    tenant: Tenant
    done: bool
    reason: str | None
    beside: tuple[Any, ...] = ()


@dataclass(frozen=True)
class _LookUp:
    """A step's command, locked when somebody wrote one, beside the case's row and its tenant."""

    statement: Plain
    case: Objects[Any]
    tenant: Objects[Tenant]

    async def find(self, session: AsyncSession, step: Step[Any]) -> tuple[Any, Tenant, tuple[Any, ...]]:
        """The case's row, its tenant, and what stands beside them. Raises ApplicationError `command_unknown` when there
        is no such command or case."""
        asked = self.statement(of_tenant=step.tenant_id, of_id=step.id, of_case=step.case_id)
        found = await run(session, asked, rows=tuple_row)
        if not found:
            raise refused(Refusal("command_unknown", "The command of this step is not written."))
        [values] = found
        tenant_from = len(self.case.columns)
        beside_from = tenant_from + len(self.tenant.columns)
        tenant = self.tenant.of(values[tenant_from:beside_from])
        return self.case.of(values[:tenant_from]), tenant, values[beside_from:]


@cache
def _look_up(model: type[CaseRow], by_command: bool, beside: tuple[Any, ...]) -> _LookUp:
    case, tenant = Objects(model), Objects(Tenant)
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    columns = (_COMMAND.c.status, _COMMAND.c.reason, _COMMAND.c.code, _COMMAND.c.detail)
    whose = (_COMMAND.c.case_id, _COMMAND.c.case_kind, _COMMAND.c.actor_id)
    query = (
        sa.select(*case.columns, *tenant.columns, *columns, *whose, *beside)
        .select_from(model)
        .join(Tenant, sa.literal_column("tenant.id") == table.c.tenant_id)
        .join(_COMMAND, _THIS_COMMAND, isouter=not by_command)
        .where(table.c.id == sa.bindparam("of_case"), table.c.tenant_id == sa.bindparam("of_tenant"))
    )
    # Locked, so that the refusal and the success of one command exclude each other.
    return _LookUp(Plain(query.with_for_update(of=_COMMAND) if by_command else query), case, tenant)


async def begin(
    session: AsyncSession, step: Step[Any], kind: CaseKind, model: type[CaseRow], beside: tuple[Any, ...] = ()
) -> Begun:
    """Looks the step up, so that a second attempt recognises the first one's success; `beside` are further columns.

    Raises ApplicationError: the refusal that somebody has written on its command meanwhile, `command_unknown` (a
    refusal too) for a command that is not this case's, kind's and actor's own, `version_conflict` as `finish`.
    """
    look_up = _look_up(model, step.by_command, beside)
    row, tenant, found = await look_up.find(session, step)
    status, reason, code, detail, case_id, case_kind, actor_id, *others = found
    if status is None:
        _require_version(row, step)
        return Begun(row, tenant, done=False, reason=step.reason, beside=tuple(others))
    if (case_id, case_kind, actor_id) != (step.case_id, kind, step.actor.id):
        raise refused(Refusal("command_unknown", "The command of this step belongs to somebody or something else."))
    if status == CommandStatus.REFUSED:
        raise refused(Refusal(code or "refused", detail or "Refused."))
    done = status == CommandStatus.DONE
    if done:
        # While this attempt waited for the command's lock, the one that held it has moved the row.
        row, tenant, _ = await look_up.find(session, step)
    else:
        _require_version(row, step)
    reason = reason if step.by_command else step.reason
    return Begun(row, tenant, done=done, reason=reason, beside=tuple(others))


def _require_version(row: Any, step: Step[Any]) -> None:
    # Retried for ever, so that an operator sees it: a case has one writer, and must not decide on somebody else's
    # state.
    if row.version != step.version - 1:
        raise _version_conflict(step)


def _version_conflict(step: Step[Any]) -> ApplicationError:
    return ApplicationError(f"The row is not at version {step.version - 1}.", type="version_conflict")


@cache
def _finish(model: type[CaseRow], columns: tuple[str, ...], by_command: bool) -> Plain:
    """Moves the row if it is at the version before, and only then appends the event and settles the command: one
    statement, one way to the database and back."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    moved = (
        sa.update(table)
        .where(
            table.c.tenant_id == sa.bindparam("of_tenant"),
            table.c.id == sa.bindparam("of_case"),
            table.c.version == sa.bindparam("from_version"),
        )
        .values({name: sa.bindparam(f"row_{name}", type_=table.c[name].type) for name in columns})
        .returning(table.c.id, table.c.get("customer_id", table.c.id).label("customer_id"))
        .cte("moved")
    )

    def inserted(target: sa.Table, prefix: str, names: Sequence[str], *of_row: str) -> Any:
        values = [sa.bindparam(f"{prefix}_{name}", type_=target.c[name].type) for name in names]
        selected = sa.select(*values, *(moved.c[name] for name in of_row)).select_from(moved)
        return sa.insert(target).from_select([*names, *of_row], selected, include_defaults=False)

    # A case without that column is named by its customer, as an identity check is.
    event = inserted(_EVENT, "event", _EVENT_COLUMNS, "customer_id").returning(_EVENT.c.id).cte("appended")
    if by_command:
        command: Any = (
            sa.update(_COMMAND)
            .where(_THIS_COMMAND, _COMMAND.c.status == CommandStatus.PENDING)
            .where(sa.exists(sa.select(moved.c.id)))
            .values({name: sa.bindparam(f"command_{name}", type_=_COMMAND.c[name].type) for name in _SETTLED_COLUMNS})
        )
    else:
        command = inserted(_COMMAND, "command", _COMMAND_COLUMNS)
    settled = command.returning(_COMMAND.c.id).cte("settled")
    # Must fail when nothing was moved or settled, because the COMMIT may already follow: a count of zero is divided by.
    counts = (sa.select(sa.func.count()).select_from(part).scalar_subquery() for part in (moved, event, settled))
    divided: list[Any] = [1 / count for count in counts]
    return Plain(sa.select(*divided))


_EVENT_COLUMNS = (
    *("tenant_id", "case_kind", "case_id", "version", "kind", "actor_kind", "actor_id", "at", "changes", "reason"),
    *("correlation_id", "command_id", "id"),
)
_SETTLED_COLUMNS = ("status", "result", "settled_at")
_COMMAND_COLUMNS = (
    *("tenant_id", "id", "case_kind", "case_id", "kind", "arguments", "actor_id", "correlation_id", "fingerprint"),
    *("created_at", *_SETTLED_COLUMNS),
)


async def finish(
    session: AsyncSession,
    step: Step[Any],
    *,
    kind: CaseKind,
    model: type[CaseRow],
    values: Mapping[str, Any],
    changes: dict[str, Any],
    reason: str | None,
    notices: Sequence[Notice],
    last: bool = False,
) -> None:
    """Stages the messages, leaves the asks, moves the row, appends the event, and settles the command.

    `values` are written to the row; `changes` is what the timeline shows of them, as JSON. When nothing is written
    after it in its transaction (`last`), that is committed in one go with it. Raises ApplicationError
    `version_conflict`, to be tried again and so seen by an operator, when the row is not at the version before: a case
    has one writer, and decides on no row but its own.
    """
    asks = step.asks[: asks_left(step)]
    if not_asked := step.asks[len(asks) :]:
        changes = changes | {"not_asked": [f"{ask.kind}.{ask.command}" for ask in not_asked]}
    row = {**values, "version": step.version, "updated_at": step.at}
    event = {
        "tenant_id": step.tenant_id,
        "case_kind": kind,
        "case_id": step.case_id,
        "version": step.version,
        "kind": step.kind,
        "actor_kind": step.actor.kind,
        "actor_id": step.actor.id,
        "at": step.at,
        "changes": changes,
        "reason": reason,
        "correlation_id": step.correlation_id,
        "command_id": step.id,
        "id": uuid7(),
    }
    settled = {"status": CommandStatus.DONE, "result": {"version": step.version}, "settled_at": step.at}
    command = settled if step.by_command else _own_command(step, kind) | settled
    for notice in notices:
        send_with_next(session, _STAGE_DELIVERY(**_delivery(step, kind, notice)))
    for place in range(len(asks)):
        send_with_next(session, _ASK(**_asked_command(step, place)))
    finishing = _finish(model, tuple(sorted(row)), step.by_command)(
        of_tenant=step.tenant_id,
        of_case=step.case_id,
        of_id=step.id,
        from_version=step.version - 1,
        **{f"row_{name}": value for name, value in row.items()},
        **{f"event_{name}": value for name, value in event.items()},
        **{f"command_{name}": value for name, value in command.items()},
    )
    try:
        await run(session, finishing, last=last)
    except DataError as error:
        if not isinstance(error.orig, DivisionByZero):
            raise
        raise _version_conflict(step) from None


def asks_left(step: Step[Any]) -> int:
    """How many commands to other cases a step leaves: none at the end of a chain."""
    return len(step.asks) if step.depth < DEEPEST_CHAIN else 0


async def left_by(session: AsyncSession, step: Step[Any]) -> tuple[int, int]:
    """How many messages a step that was taken has staged, and how many commands to other cases it has left."""
    of_step = {"of_tenant": step.tenant_id, "of_id": step.id}
    return (await session.scalar(_STAGED, of_step)) or 0, (await session.scalar(_ASKED, of_step)) or 0


async def undelivered(session: AsyncSession, case: CaseRef) -> tuple[UUID, ...]:
    """The steps of a case whose messages are not all sent, oldest first."""
    of_case = {"of_tenant": case.tenant_id, "of_case": case.case_id}
    return tuple(await session.scalars(_UNDELIVERED, of_case))


def opened_under(case: CaseRef) -> sa.Select[str]:
    """The correlation id of a case's first step."""
    return sa.select(col(EventRow.correlation_id)).where(
        col(EventRow.tenant_id) == case.tenant_id, col(EventRow.case_id) == case.case_id, col(EventRow.version) == 1
    )


def _own_command(step: Step[Any], kind: CaseKind) -> dict[str, Any]:
    return {
        "tenant_id": step.tenant_id,
        "id": step.id,
        "case_kind": kind,
        "case_id": step.case_id,
        "kind": f"{kind}.{step.kind}",
        "arguments": {},
        "actor_id": None,
        "correlation_id": step.correlation_id,
        "fingerprint": "",
        "created_at": step.at,
    }


def _asked_command(step: Step[Any], place: int) -> dict[str, Any]:
    ask = step.asks[place]
    return {
        "tenant_id": step.tenant_id,
        "id": uuid5(ASKS, f"{step.id}/{place}"),
        "case_kind": ask.kind,
        "case_id": ask.case_id,
        "kind": f"{ask.kind}.{ask.command}",
        "arguments": ask.arguments,
        "actor_id": step.actor.id,
        "correlation_id": step.correlation_id,
        "fingerprint": "",
        "status": CommandStatus.PENDING,
        "asked_by": step.id,
        "depth": step.depth + 1,
        "tries": 0,
        # Real time, by which the sweep finds it: the case's own clock may have been moved forward.
        "created_at": datetime.now(UTC),
    }


def _delivery(step: Step[Any], kind: CaseKind, notice: Notice) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "tenant_id": step.tenant_id,
        "case_kind": kind,
        "case_id": step.case_id,
        "step_id": step.id,
        "channel": "email",
        "template": notice.template,
        "recipient_id": notice.recipient_id,
        "customer_id": notice.customer_id,
        "participant_id": notice.participant_id,
        "context": notice.context,
        "status": DeliveryStatus.PENDING,
        "attempts": 0,
        "correlation_id": step.correlation_id,
        "due_at": step.at,
    }
