"""The one path by which every change of a case goes: write first, then ask the workflow, then answer.

A 2xx other than 202 means that the workflow has taken the command and the row reads accordingly; 202 that it is written
and will be delivered; a problem that it is refused, by the route or by the workflow.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Protocol
from uuid import UUID, uuid5

from fastapi import Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from api.cases.dispatch import Done, Outcome, Unanswered
from api.cases.reader import Cases, answer
from api.cases.redelivery import catch_up
from api.cases.settling import settle
from api.cases.writing import Content, insert_once, plainly, update_of, write, write_if_seen, write_with
from api.http.correlation import correlation_id
from api.http.problems import conflict, not_found
from api.http.route_names import API_PREFIX
from api.http.services import Services, services
from api.identity.callers import Caller
from api.registry import KINDS
from domain.cases import CommandStatus
from models.cases import CommandRow
from models.database import Database

Read = Callable[[AsyncSession, CommandRow], Awaitable[BaseModel]]
Look = Callable[[Database, CommandRow], Awaitable[BaseModel]]

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

COMMAND_ID = "Command-Id"
"""The header by which a client learns under which id its command can be read again."""

KEYS = UUID("7d7f0d5e-93f5-4a35-9b57-0b8b1b1f2c03")
"""The namespace of the ids of commands that come with an idempotency key: no step of a case has an id in it."""


At = Callable[[CommandRow], str]
"""Where what a command has made is read."""


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
    """The request's idempotency key, fingerprint and precondition, as a dependency of the routes by which a case
    moves."""
    return asking_with(
        request, service, await request.body(), idempotency_key, int(if_match.strip('"')) if if_match else None
    )


async def asking_anew(
    request: Request, service: Annotated[Services, Depends(services)], idempotency_key: IdempotencyKey = None
) -> Asking:
    """As `asking`, for what has no version: it is only now to be made, or no workflow decides about it."""
    return asking_with(request, service, await request.body(), idempotency_key)


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
AskingAnewDep = Annotated[Asking, Depends(asking_anew)]


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
    read: Read,
    glance: bool = False,
    success: HTTPStatus = HTTPStatus.OK,
    at: At | None = None,
) -> Response:
    """Carries a command to a case's workflow and answers.

    `arguments` hold ids, enums, amounts and times; `reason` a person's words. `content` runs in the transaction that
    writes the command: it refuses early by raising, writes what comes with the command, and returns what further
    arguments it has found. `read` gives the body of a success, by the command as it was written; `glance` says that a
    single statement does. What has been made is read `at` an address, where it has one. Raises Problem for a refusal.
    """
    command = _asking_for(asked, caller, cases, case_id, update, arguments, reason)
    command, behind = await write(asked.services.database, command, content, once=asked.key is not None)
    return await _carry(asked, command, behind, _reads(read, glance=glance), success, at)


async def ask_about(
    asked: Asking,
    caller: Caller,
    cases: Cases[Any],
    case_id: UUID,
    update: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    reason: str | None = None,
    check: Content | None = None,
    read: Read | None = None,
    success: HTTPStatus = HTTPStatus.OK,
    at: At | None = None,
) -> Response:
    """As `ask`, of a case that the caller can see: 404 for any other. `check` is what else the route refuses early.
    Without `read` the answer is the case."""

    async def content(session: AsyncSession) -> None:
        await cases.find_asked(session, caller, case_id)
        if check:
            await check(session)

    command = _asking_for(asked, caller, cases, case_id, update, arguments, reason)
    database, once = asked.services.database, asked.key is not None
    if check or once:
        command, behind = await write(database, command, content, once=once)
    else:
        behind = await write_if_seen(database, command, cases, cases.onlooker(caller))
    return await _carry(asked, command, behind, _reads(read) if read else _reads_case(caller, cases), success, at)


async def ask_to_open(
    asked: Asking,
    caller: Caller,
    cases: Cases[Any],
    case_id: UUID,
    arguments: Mapping[str, Any] | None = None,
    *,
    content: Content | Sequence[SQLModel],
) -> Response:
    """As `ask`, of a case that begins with it and whose row is part of the `content`, or one of its rows where nothing
    need be looked up for them; the answer is the case."""
    command = _asking_for(asked, caller, cases, case_id, "open", arguments, None)
    database, once = asked.services.database, asked.key is not None
    if callable(content):
        command, behind = await write(database, command, content, once=once)
    else:
        command, behind = await write_with(database, command, content, once=once)

    def at(command: CommandRow) -> str:
        return cases.address(str(command.case_id))

    return await _carry(asked, command, behind, _reads_case(caller, cases), HTTPStatus.CREATED, at)


async def _carry(
    asked: Asking, command: CommandRow, behind: bool, look: Look, success: HTTPStatus, at: At | None
) -> Response:
    """Carries a written command to its workflow, after what was left `behind` of its case, and answers."""
    database = asked.services.database
    if command.status is CommandStatus.PENDING:
        outcome: Outcome = Unanswered()
        if not behind or await _caught_up(asked.services, command):
            outcome = await asked.services.dispatcher.dispatch(command)
        if not isinstance(outcome, Done):
            async with database.transaction(command.tenant_id) as session:
                await settle(session, command, outcome)
                # Of two requests with one key the other may have been heard: what is written is the answer.
                command = await session.get_one(CommandRow, (command.tenant_id, command.id))
            if command.status is CommandStatus.PENDING:
                return _accepted(command)
    known_as = {COMMAND_ID: str(command.id)}
    if command.status is CommandStatus.REFUSED:
        raise conflict(command.code or "refused", command.detail or "The command was refused.", headers=known_as)
    return answer(await look(database, command), success, {**known_as, **({"Location": at(command)} if at else {})})


def _reads(read: Read, *, glance: bool = False) -> Look:
    async def look(database: Database, command: CommandRow) -> BaseModel:
        whose = command.tenant_id
        async with database.glance(whose) if glance else database.transaction(whose) as session:
            return await read(session, command)

    return look


def _reads_case(caller: Caller, cases: Cases[Any]) -> Look:
    async def look(database: Database, command: CommandRow) -> BaseModel:
        if command.case_id is None:
            raise not_found(cases.noun)
        return await cases.read(database, caller, command.case_id)

    return look


async def create_once(
    asked: Asking,
    caller: Caller,
    kind: str,
    *,
    create: Callable[[AsyncSession], Awaitable[UUID]],
    read: Callable[[AsyncSession, UUID], Awaitable[BaseModel]],
    at: str | None,
    success: HTTPStatus = HTTPStatus.CREATED,
) -> Response:
    """Answers a POST that makes something no workflow decides about: done at once, and once per idempotency key. `at`
    is the path at which such a thing is read, None where it has none.

    One that changes what is there already gives its id back from `create`, and OK as its `success`.
    """
    command = _row(asked, caller, kind, {})
    command.status = CommandStatus.DONE
    command.settled_at = command.created_at
    async with asked.services.database.transaction(caller.tenant_id) as session:
        earlier, _ = await insert_once(session, command)
        if earlier is None:
            made = await create(session)
            await session.execute(update_of(command).values(result={"id": str(made)}))
        else:
            made = UUID((earlier.result or {})["id"])
        view = await read(session, made)
    located = {"Location": f"{API_PREFIX}{at.format(made)}"} if at else None
    return JSONResponse(view.model_dump(mode="json"), success, located)


async def _caught_up(service: Services, command: CommandRow) -> bool:
    """Carries what was left behind of the case, for as long as a request may wait; whether nothing is left."""
    try:
        async with asyncio.timeout(service.settings.command_wait_seconds):
            return await catch_up(service.dispatcher, service.database, command)
    except TimeoutError:
        return False


def _asking_for(
    asked: Asking,
    caller: Asker,
    cases: Cases[Any],
    case_id: UUID,
    update: str,
    arguments: Mapping[str, Any] | None,
    reason: str | None,
) -> CommandRow:
    command = _row(asked, caller, f"{cases.kind}.{update}", arguments or {})
    command.case_kind, command.case_id, command.reason = cases.kind, case_id, reason
    KINDS[cases.kind].check(update, command.arguments)
    return command


def _row(asked: Asking, caller: Asker, kind: str, arguments: Mapping[str, Any]) -> CommandRow:
    plain = plainly(arguments)
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


def _command_id(asked: Asking, caller: Asker) -> UUID:
    """A new id, or for a key always the same one: keys are told apart by who asks, in which tenant, on which route."""
    if asked.key is None:
        return uuid7()
    return uuid5(KEYS, f"{caller.tenant_id}/{caller.account_id}/{asked.route}/{asked.key}")


def _accepted(command: CommandRow) -> JSONResponse:
    body = {"command_id": str(command.id), "case_id": str(command.case_id), "status": CommandStatus.PENDING}
    headers = {"Location": f"{API_PREFIX}/commands/{command.id}", COMMAND_ID: str(command.id)}
    return JSONResponse(body, HTTPStatus.ACCEPTED, headers)
