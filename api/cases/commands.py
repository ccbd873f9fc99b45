"""The one path by which every change of a case goes: write first, then ask the workflow, then answer.

A 2xx other than 202 means that the workflow has taken the command and the row reads accordingly; 202 that it is written
and will be delivered; a problem that it is refused, by the route or by the workflow.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Protocol
from uuid import UUID, uuid5

import sqlalchemy as sa
from fastapi import Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.cases.dispatch import Done, Outcome, Unanswered
from api.cases.reader import Cases, etag
from api.cases.redelivery import catch_up
from api.cases.settling import settle
from api.http.correlation import correlation_id
from api.http.problems import conflict, field_error, not_found
from api.http.services import Services, services
from api.identity.callers import Caller
from api.registry import KINDS
from domain.cases import CommandStatus
from models.cases import CommandRow
from models.round_trips import commit_with_next
from stores.commands import left_behind

Content = Callable[[AsyncSession], Awaitable[Mapping[str, Any] | None]]
Read = Callable[[AsyncSession, CommandRow], Awaitable[BaseModel]]

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key with the same body gives the same answer. Keys are yours alone, on this route.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", pattern=r'^"?\d{1,9}"?$', description='The version last read, as `"7"`; else 412.'),
]


_COMMAND: sa.Table = CommandRow.__table__  # type: ignore[attr-defined]
_WRITE = insert(_COMMAND).on_conflict_do_nothing()
_WRITTEN = frozenset(
    {
        *("tenant_id", "id", "case_kind", "case_id", "kind", "arguments", "reason", "actor_id", "correlation_id"),
        *("fingerprint", "status", "created_at"),
    }
)


COMMAND_ID = "Command-Id"
"""The header by which a client learns under which id its command can be read again."""

KEYS = UUID("7d7f0d5e-93f5-4a35-9b57-0b8b1b1f2c03")
"""The namespace of the ids of commands that come with an idempotency key: no step of a case has an id in it."""


@dataclass(frozen=True)
class Asking:
    """How a request asks: by which key and on which route, what makes it the same request again, and which version it
    has read."""

    services: Services
    key: str | None
    route: str
    fingerprint: str
    expected_version: int | None


async def asking(
    request: Request,
    service: Annotated[Services, Depends(services)],
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Asking:
    """The request's idempotency key, fingerprint and precondition, as a dependency of every command route."""
    return asking_with(
        request, service, await request.body(), idempotency_key, int(if_match.strip('"')) if if_match else None
    )


def asking_with(
    request: Request,
    service: Services,
    body: bytes,
    idempotency_key: str | None = None,
    expected_version: int | None = None,
) -> Asking:
    """As `asking`, for a route that reads its body itself; `body` is what tells this body from another."""
    route = f"{request.method} {request.url.path}"
    fingerprint = hashlib.sha256(b"\n".join([request.method.encode(), request.url.path.encode(), body])).hexdigest()
    return Asking(service, idempotency_key, route, fingerprint, expected_version)


AskingDep = Annotated[Asking, Depends(asking)]


class Asker(Protocol):
    """Who asks, in which tenant: an account, or None for somebody who was let in by a link."""

    @property
    def tenant_id(self) -> UUID: ...

    @property
    def account_id(self) -> UUID | None: ...


async def ask(
    asked: Asking,
    caller: Asker,
    cases: Cases[Any],
    case_id: UUID,
    update: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    reason: str | None = None,
    content: Content | None = None,
    seen: sa.Select[Any] | None = None,
    read: Read,
    glance: bool = False,
    success: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Carries a command to a case's workflow and answers.

    `arguments` hold ids, enums, amounts and times; `reason` a person's words. `content` runs in the transaction that
    writes the command: it refuses early by raising, writes what comes with the command, and returns what further
    arguments it has found. `read` gives the body of a success, by the command as it was written; `glance` says that a
    single statement does. `seen` stands for content that only looks for the case, and finds it or not in the statement
    that writes the command. Raises Problem for a refusal.
    """
    command = _row(asked, caller, f"{cases.kind}.{update}", arguments or {})
    command.case_kind, command.case_id, command.reason = cases.kind, case_id, reason
    KINDS[cases.kind].check(update, command.arguments)
    if seen is None:
        command, behind = await _write(asked, caller, command, content)
    else:
        written = await _write_if(asked, caller, command, seen)
        if written is None:
            raise not_found(cases.noun)
        behind = written
    if command.status is CommandStatus.PENDING:
        outcome: Outcome = Unanswered()
        if not behind or await _caught_up(asked.services, command):
            outcome = await asked.services.dispatcher.dispatch(command)
        if not isinstance(outcome, Done):
            async with asked.services.database.transaction(caller.tenant_id) as session:
                await settle(session, command, outcome)
                # Of two requests with one key the other may have been heard: what is written is the answer.
                command = await session.get_one(CommandRow, (caller.tenant_id, command.id))
            if command.status is CommandStatus.PENDING:
                return _accepted(command)
    known_as = {COMMAND_ID: str(command.id)}
    if command.status is CommandStatus.REFUSED:
        raise conflict(command.code or "refused", command.detail or "The command was refused.", headers=known_as)
    database = asked.services.database
    async with database.glance(caller.tenant_id) if glance else database.transaction(caller.tenant_id) as session:
        view = await read(session, command)
    return JSONResponse(view.model_dump(mode="json"), success, headers=etag(view) | known_as)


async def ask_about(
    asked: Asking,
    caller: Caller,
    cases: Cases[Any],
    case_id: UUID,
    update: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    check: Content | None = None,
    read: Read | None = None,
    **rest: Any,
) -> Response:
    """As `ask`, of a case that the caller can see: 404 for any other. `check` is what else the route refuses early.
    Without `read` the answer is the case."""

    async def content(session: AsyncSession) -> None:
        await cases.find_asked(session, caller, case_id)
        if check:
            await check(session)

    return await ask(
        asked,
        caller,
        cases,
        case_id,
        update,
        arguments,
        content=content,
        seen=None if check or asked.key else cases.asked_of(caller, case_id),
        read=read or _reads(caller, cases),
        glance=read is None and cases.at_a_glance,
        **rest,
    )


async def ask_to_open(
    asked: Asking,
    caller: Caller,
    cases: Cases[Any],
    case_id: UUID,
    arguments: Mapping[str, Any] | None = None,
    *,
    content: Content,
) -> Response:
    """As `ask`, of a case that begins with it and whose row is part of the `content`; the answer is the case."""
    return await ask(
        asked,
        caller,
        cases,
        case_id,
        "open",
        arguments,
        content=content,
        read=_reads(caller, cases),
        glance=cases.at_a_glance,
        success=HTTPStatus.CREATED,
    )


def _reads(caller: Caller, cases: Cases[Any]) -> Read:
    async def read(session: AsyncSession, command: CommandRow) -> BaseModel:
        if command.case_id is None:
            raise not_found(cases.noun)
        return await cases.read(session, caller, command.case_id)

    return read


async def create_once(
    asked: Asking,
    caller: Caller,
    kind: str,
    *,
    create: Callable[[AsyncSession], Awaitable[UUID]],
    read: Callable[[AsyncSession, UUID], Awaitable[BaseModel]],
    success: HTTPStatus = HTTPStatus.CREATED,
) -> Response:
    """Answers a POST that makes something no workflow decides about: done at once, and once per idempotency key.

    One that changes what is there already gives its id back from `create`, and OK as its `success`.
    """
    command = _row(asked, caller, kind, {})
    command.status = CommandStatus.DONE
    command.settled_at = command.created_at
    async with asked.services.database.transaction(caller.tenant_id) as session:
        earlier, _ = await _insert(session, caller, command)
        if earlier is None:
            made = await create(session)
            await session.execute(_of(command).values(result={"id": str(made)}))
        else:
            made = UUID((earlier.result or {})["id"])
        view = await read(session, made)
    return JSONResponse(view.model_dump(mode="json"), success)


async def _caught_up(service: Services, command: CommandRow) -> bool:
    """Carries what was left behind of the case, for as long as a request may wait; whether nothing is left."""
    try:
        async with asyncio.timeout(service.settings.command_wait_seconds):
            return await catch_up(service.dispatcher, service.database, command)
    except TimeoutError:
        return False


async def _write_if(asked: Asking, caller: Asker, command: CommandRow, seen: sa.Select[Any]) -> bool | None:
    """Writes the command if `seen` finds something: one way to the database and back. Returns None when it finds
    nothing, else whether an older command of the case was left behind."""
    written = {name: value for name, value in command.model_dump().items() if name in _WRITTEN}
    values = [sa.literal(value, _COMMAND.c[name].type) for name, value in written.items()]
    wanted = sa.select(*values).where(seen.exists())
    async with asked.services.database.glance(caller.tenant_id) as session:
        statement = sa.insert(_COMMAND).from_select(list(written), wanted, include_defaults=False)
        behind: bool | None = await session.scalar(statement.returning(_behind(command)))
        return behind


def _behind(command: CommandRow) -> sa.ScalarSelect[bool]:
    opening = KINDS[command.case_kind].opening if command.case_kind else None
    older = sa.exists().where(left_behind(command.tenant_id, command.case_id, command.created_at, opening))
    return sa.select(older).correlate(None).scalar_subquery()


async def _write(asked: Asking, caller: Asker, command: CommandRow, content: Content | None) -> tuple[CommandRow, bool]:
    """The command as it is written, or was by an earlier request with its key, and whether an older one of its case was
    left behind."""
    async with asked.services.database.transaction(caller.tenant_id) as session:
        if asked.key is None:
            # Nobody can have asked before: what the content refuses need not be written first.
            if content:
                command.arguments |= _plainly(await content(session))
                await session.flush()
            commit_with_next(session)
            _, behind = await _insert(session, caller, command)
            return command, behind
        earlier, behind = await _insert(session, caller, command)
        if earlier is None and content and (found := _plainly(await content(session))):
            command.arguments |= found
            await session.execute(_of(command).values(arguments=command.arguments))
        return earlier or command, behind


def _row(asked: Asking, caller: Asker, kind: str, arguments: Mapping[str, Any]) -> CommandRow:
    plain = _plainly(arguments)
    if asked.expected_version is not None:
        plain["expected_version"] = asked.expected_version
    return CommandRow(
        tenant_id=caller.tenant_id,
        id=_command_id(asked, caller),
        kind=kind,
        arguments=plain,
        actor_id=caller.account_id,
        correlation_id=correlation_id(),
        fingerprint=asked.fingerprint,
        created_at=datetime.now(UTC),
    )


async def _insert(session: AsyncSession, caller: Asker, command: CommandRow) -> tuple[CommandRow | None, bool]:
    """Writes the command, or finds the earlier one that its key has made; whether an older one of its case was left
    behind. Raises 422 for another request."""
    behind = await session.scalar(_WRITE.returning(_behind(command)), command.model_dump())
    if behind is not None:
        return None, behind
    earlier = await session.get_one(CommandRow, (caller.tenant_id, command.id))
    if earlier.fingerprint != command.fingerprint or earlier.actor_id != caller.account_id:
        raise field_error("Idempotency-Key", "idempotency_mismatch", "This key was used for another request.")
    return earlier, True


def _command_id(asked: Asking, caller: Asker) -> UUID:
    """A new id, or for a key always the same one: keys are told apart by who asks, in which tenant, on which route."""
    if asked.key is None:
        return uuid7()
    return uuid5(KEYS, f"{caller.tenant_id}/{caller.account_id}/{asked.route}/{asked.key}")


def _plainly(arguments: Mapping[str, Any] | None) -> dict[str, Any]:
    given = (arguments or {}).items()
    return {name: str(value) if isinstance(value, UUID) else value for name, value in given}


def _of(command: CommandRow) -> sa.Update:
    return sa.update(CommandRow).where(col(CommandRow.tenant_id) == command.tenant_id, col(CommandRow.id) == command.id)


def _accepted(command: CommandRow) -> JSONResponse:
    body = {"command_id": str(command.id), "case_id": str(command.case_id), "status": CommandStatus.PENDING}
    headers = {"Location": f"/api/v1/commands/{command.id}", COMMAND_ID: str(command.id)}
    return JSONResponse(body, HTTPStatus.ACCEPTED, headers)
