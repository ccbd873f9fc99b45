"""One step of a case, made durable: one activity, one transaction, the same whatever the lifecycle."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.exceptions import ApplicationError

from domain.cases import Actor, ActorKind, CaseKind, CommandStatus, DeliveryStatus
from models.base import TenantRow
from models.cases import CommandRow, DeliveryRow, EventRow


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step as the workflow decided it: `version` is the one that it makes, `at` the workflow's time in UTC.

    `id` is the command's, or derived from the workflow and the step when a deadline caused it; the same id never makes
    two events. `reason` is for the system's own steps; a person's words come from the command row.
    """

    tenant_id: UUID
    case_id: UUID
    id: UUID
    kind: str
    actor: Actor
    correlation_id: str
    version: int
    at: datetime
    reason: str | None = None


@dataclass(frozen=True)
class CaseRef:
    """Which case, of which tenant."""

    tenant_id: UUID
    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """What came of a step: the row's version, and how many messages it staged."""

    version: int
    deliveries: int = 0


@dataclass(frozen=True)
class Notice:
    """Something a person must be told: which template, to which account, with which facts. A customer that nobody
    speaks for is told at its own address: then `customer_id` is set, and no account."""

    template: str
    recipient_id: UUID | None
    context: dict[str, Any] = field(default_factory=dict)
    customer_id: UUID | None = None


@dataclass(frozen=True)
class Begun:
    """What the database knows of a step before it is taken."""

    done: bool
    reason: str | None


# Statements that every step of every case executes: made once, because making them takes longer than the database does.
_COMMAND: sa.Table = CommandRow.__table__  # type: ignore[attr-defined]
_THIS_COMMAND = (_COMMAND.c.tenant_id == sa.bindparam("of_tenant")) & (_COMMAND.c.id == sa.bindparam("of_id"))
_LOOK_UP = sa.select(_COMMAND.c.status, _COMMAND.c.reason, _COMMAND.c.code, _COMMAND.c.detail).where(_THIS_COMMAND)
_SETTLE = (
    sa.update(_COMMAND)
    .where(_THIS_COMMAND)
    .values({name: sa.bindparam(name) for name in ("status", "result", "settled_at")})
)
_RECORD = sa.insert(_COMMAND)
_APPEND_EVENT = sa.insert(EventRow.__table__)  # type: ignore[attr-defined]
_STAGE_DELIVERIES = sa.insert(DeliveryRow.__table__)  # type: ignore[attr-defined]


@cache
def _move(model: type[TenantRow], columns: tuple[str, ...]) -> sa.Update:
    """Writes these columns of a case's row, if it is at the version `from_version`."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    return (
        sa.update(table)
        .where(
            table.c.tenant_id == sa.bindparam("of_tenant"),
            table.c.id == sa.bindparam("of_id"),
            table.c.version == sa.bindparam("from_version"),
        )
        .values({name: sa.bindparam(name) for name in columns})
    )


async def begin(session: AsyncSession, step: Step) -> Begun:
    """Looks the step up, so that a second attempt recognises the first one's success.

    Raises ApplicationError (not retryable) when its command has been refused in the meantime.
    """
    row = (await session.execute(_LOOK_UP, {"of_tenant": step.tenant_id, "of_id": step.id})).one_or_none()
    if row is None:
        if step.actor.kind is ActorKind.USER:
            raise ApplicationError(
                "The command of this step is not written.", type="command_unknown", non_retryable=True
            )
        return Begun(done=False, reason=step.reason)
    if row.status is CommandStatus.REFUSED:
        raise ApplicationError(row.detail or "Refused.", type=row.code, non_retryable=True)
    return Begun(done=row.status is CommandStatus.DONE, reason=row.reason)


async def finish(
    session: AsyncSession,
    step: Step,
    *,
    kind: CaseKind,
    model: type[TenantRow],
    values: dict[str, Any],
    changes: dict[str, Any],
    reason: str | None,
    notices: list[Notice],
) -> None:
    """Moves the row, appends the event, stages the messages, settles the command.

    `values` are written to the row; `changes` is what the timeline shows of them, as JSON.
    """
    await _move_row(session, step, model, values)
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
    }
    await session.execute(_APPEND_EVENT, event)
    if notices:
        await session.execute(_STAGE_DELIVERIES, [_delivery(step, kind, notice) for notice in notices])
    await _settle_command(session, step, kind)


def take_on(session: AsyncSession, step: Step, row: TenantRow, values: dict[str, Any]) -> None:
    """Shows on the row what the step makes of it. `finish` writes it; the session must not do so a second time."""
    session.expunge(row)
    for name, value in {**values, "version": step.version, "updated_at": step.at}.items():
        setattr(row, name, value)


async def _move_row(session: AsyncSession, step: Step, model: type[TenantRow], values: dict[str, Any]) -> None:
    values = {**values, "version": step.version, "updated_at": step.at}
    moved = await session.execute(
        _move(model, tuple(sorted(values))),
        {"of_tenant": step.tenant_id, "of_id": step.case_id, "from_version": step.version - 1, **values},
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        # Retried, and so seen by an operator: a case has one writer, and decides on no row but its own.
        raise ApplicationError(f"The row is not at version {step.version - 1}.", type="version_conflict")


async def _settle_command(session: AsyncSession, step: Step, kind: CaseKind) -> None:
    settled = {"status": CommandStatus.DONE, "result": {"version": step.version}, "settled_at": step.at}
    if step.actor.kind is ActorKind.USER:
        await session.execute(_SETTLE, {"of_tenant": step.tenant_id, "of_id": step.id, **settled})
        return
    command = {
        "tenant_id": step.tenant_id,
        "id": step.id,
        "case_kind": kind,
        "case_id": step.case_id,
        "kind": f"{kind}.{step.kind}",
        "arguments": {},
        "correlation_id": step.correlation_id,
        "fingerprint": "",
        "created_at": step.at,
        **settled,
    }
    await session.execute(_RECORD, command)


def _delivery(step: Step, kind: CaseKind, notice: Notice) -> dict[str, Any]:
    return {
        "tenant_id": step.tenant_id,
        "case_kind": kind,
        "case_id": step.case_id,
        "step_id": step.id,
        "channel": "email",
        "template": notice.template,
        "recipient_id": notice.recipient_id,
        "customer_id": notice.customer_id,
        "context": notice.context,
        "status": DeliveryStatus.PENDING,
        "correlation_id": step.correlation_id,
        "due_at": step.at,
    }
