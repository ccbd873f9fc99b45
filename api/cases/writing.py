"""Writes a command with what comes with it, before its workflow is asked."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from api.cases.reader import Cases, Onlooker
from api.http.problems import field_error, not_found
from api.registry import KINDS
from domain.cases import CaseKind
from models.cases import CommandRow
from models.database import Database
from models.plain import Plain, insert_of
from models.round_trips import commit_with_next, send_with_next
from stores.commands import left_behind

Content = Callable[[AsyncSession], Awaitable[Mapping[str, Any] | None]]
"""Writes what comes with a command, and returns what further arguments it has found."""

_COMMAND: sa.Table = CommandRow.__table__  # type: ignore[attr-defined]
_WRITTEN = (
    *("tenant_id", "id", "case_kind", "case_id", "kind", "arguments", "reason", "actor_id", "correlation_id"),
    *("fingerprint", "status", "created_at", "settled_at"),
)


async def write(
    database: Database, command: CommandRow, content: Content | None, *, once: bool
) -> tuple[CommandRow, bool]:
    """The command as it is written, or was by an earlier request where it is to be written `once`, and whether an older
    one of its case was left behind. `content` runs in the same transaction. Raises 422 for another request."""
    async with database.transaction(command.tenant_id) as session:
        if once:
            earlier, behind = await insert_once(session, command)
            if earlier is None and content and (found := await content(session)):
                _add(command, found)
                await session.execute(update_of(command).values(arguments=command.arguments))
            return earlier or command, behind
        # Nobody can have asked before: what the content refuses need not be written first.
        if content:
            if found := await content(session):
                _add(command, found)
            await session.flush()
        commit_with_next(session)
        _, behind = await insert_once(session, command)
        return command, behind


async def write_with(
    database: Database, command: CommandRow, rows: Sequence[SQLModel], *, once: bool
) -> tuple[CommandRow, bool]:
    """As `write`, with rows for which nothing need be looked up."""
    if once:

        async def content(session: AsyncSession) -> None:
            for row in rows:
                send_with_next(session, insert_of(row))

        return await write(database, command, content, once=True)
    statement = _writing(command.case_kind)(**_values(command))
    written = await database.look_up(*map(insert_of, rows), statement, tenant_id=command.tenant_id)
    return command, bool(written and written.behind)


async def write_if_seen(database: Database, command: CommandRow, cases: Cases[Any], onlooker: Onlooker) -> bool:
    """As `write`, a new command, of a case that the onlooker can ask something of: 404 for any other."""
    statement = _writing_if_seen(cases, onlooker.reads_all)(**_values(command), customer_id=onlooker.customer_id)
    written = await database.look_up(statement, tenant_id=command.tenant_id)
    if written is None:
        raise not_found(cases.noun)
    return bool(written.behind)


async def insert_once(session: AsyncSession, command: CommandRow) -> tuple[CommandRow | None, bool]:
    """Writes the command, or finds the earlier one that its key has made; whether an older one of its case was left
    behind. Raises 422 for another request."""
    behind = await session.scalar(_insertion(command.case_kind), _values(command))
    if behind is not None:
        return None, behind
    earlier = await session.get_one(CommandRow, (command.tenant_id, command.id))
    if earlier.fingerprint != command.fingerprint or earlier.actor_id != command.actor_id:
        raise field_error("Idempotency-Key", "idempotency_mismatch", "This key was used for another request.")
    return earlier, True


def plainly(arguments: Mapping[str, Any] | None) -> dict[str, Any]:
    """Arguments as they are stored."""
    given = (arguments or {}).items()
    return {name: str(value) if isinstance(value, UUID) else value for name, value in given}


def _add(command: CommandRow, found: Mapping[str, Any]) -> None:
    """Raises ValueError, as those that a route gives, for arguments that the workflow would not understand."""
    command.arguments |= plainly(found)
    if command.case_kind:
        KINDS[command.case_kind].check(command.kind.partition(".")[2], command.arguments)


def update_of(command: CommandRow) -> sa.Update:
    """A change of the command's row."""
    return sa.update(CommandRow).where(col(CommandRow.tenant_id) == command.tenant_id, col(CommandRow.id) == command.id)


def _values(command: CommandRow) -> dict[str, Any]:
    return {name: getattr(command, name) for name in _WRITTEN}


@cache
def _insertion(kind: CaseKind | None, seen: sa.Select[Any] | None = None) -> sa.Insert:
    """Writes a command of a case of that kind if `seen` finds something, and returns `behind`."""
    values = sa.select(*(sa.bindparam(name, type_=_COMMAND.c[name].type) for name in _WRITTEN))
    if seen is not None:
        values = values.where(seen.with_only_columns(sa.literal(1)).exists())
    opening = KINDS[kind].opening if kind else None
    of_it = {name: sa.bindparam(name, type_=_COMMAND.c[name].type) for name in ("tenant_id", "case_id", "created_at")}
    behind = sa.select(sa.exists().where(left_behind(**of_it, opening=opening))).correlate(None).scalar_subquery()
    written = insert(_COMMAND).from_select(_WRITTEN, values, include_defaults=False)
    return written.on_conflict_do_nothing().returning(behind.label("behind"))


@cache
def _writing(kind: CaseKind | None) -> Plain:
    return Plain(_insertion(kind))


@cache
def _writing_if_seen(cases: Cases[Any], reads_all: bool) -> Plain:
    return Plain(_insertion(cases.kind, cases.asked_of(Onlooker(reads_all), sa.bindparam("case_id"))))
