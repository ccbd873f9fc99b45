"""The one path by which every change of a case goes: write first, then ask the workflow, then answer.

A 2xx other than 202 means that the workflow has taken the command and the row reads accordingly; 202 that it is written
and will be delivered; a problem that it is refused, by the route or by the workflow.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Protocol
from uuid import NAMESPACE_OID, UUID, uuid5

import sqlalchemy as sa
from fastapi import Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.cases.dispatch import Done, Refused
from api.http.correlation import correlation_id
from api.http.problems import conflict, field_error
from api.http.services import Services, services
from api.identity.callers import Caller
from domain.cases import CaseKind, CommandStatus
from models.cases import CommandRow
from stores.commands import refuse

Content = Callable[[AsyncSession], Awaitable[None]]
Read = Callable[[AsyncSession, CommandRow], Awaitable[BaseModel]]

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key with the same body gives the same answer; a UUID becomes the command's id.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", pattern=r'^"?\d{1,9}"?$', description='The version last read, as `"7"`; else 412.'),
]


_WRITE = insert(CommandRow.__table__).on_conflict_do_nothing().returning(col(CommandRow.id))  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Asking:
    """How a request asks: what makes it the same request again, and which version it has read."""

    services: Services
    key: UUID | None
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
    fingerprint = hashlib.sha256(b"\n".join([request.method.encode(), request.url.path.encode(), body])).hexdigest()
    key = _command_id(idempotency_key) if idempotency_key else None
    return Asking(services=service, key=key, fingerprint=fingerprint, expected_version=expected_version)


AskingDep = Annotated[Asking, Depends(asking)]


class Asker(Protocol):
    """Who asks, in which tenant: an account, or None for somebody who was let in by a link."""

    @property
    def tenant_id(self) -> UUID: ...

    @property
    def account_id(self) -> UUID | None: ...


@dataclass(frozen=True)
class Ask:
    """A command as a route makes it: `arguments` hold ids, enums, amounts and times; `reason` a person's words."""

    kind: str
    case_kind: CaseKind
    case_id: UUID
    arguments: dict[str, Any]
    reason: str | None = None


async def carry(
    asked: Asking,
    caller: Asker,
    ask: Ask,
    *,
    content: Content,
    read: Read,
    success: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Carries a command to its workflow and answers.

    `content` runs in the transaction that writes the command: it refuses early by raising, and writes what comes with
    the command. `read` gives the body of a success, by the command as it was written. Raises Problem for a refusal.
    """
    command = await _write(asked, caller, ask, content)
    if command.status is CommandStatus.PENDING:
        outcome = await asked.services.dispatcher.dispatch(command)
        if isinstance(outcome, Refused):
            # Of two requests with one key the other may have been heard: what is written of the command is the answer.
            async with asked.services.database.transaction(caller.tenant_id) as session:
                await refuse(session, caller.tenant_id, command.id, outcome.code, outcome.sentence)
                command = await session.get_one(CommandRow, (caller.tenant_id, command.id))
        elif not isinstance(outcome, Done):
            return _accepted(command)
    if command.status is CommandStatus.REFUSED:
        raise conflict(command.code or "refused", command.detail or "The command was refused.")
    async with asked.services.database.transaction(caller.tenant_id) as session:
        view = await read(session, command)
    return JSONResponse(view.model_dump(mode="json"), success, headers=_etag(view))


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
        earlier = await _insert(session, caller, command)
        if earlier is None:
            made = await create(session)
            await session.execute(
                sa.update(CommandRow)
                .where(col(CommandRow.tenant_id) == caller.tenant_id, col(CommandRow.id) == command.id)
                .values(result={"id": str(made)})
            )
        else:
            made = UUID((earlier.result or {})["id"])
        view = await read(session, made)
    return JSONResponse(view.model_dump(mode="json"), success)


async def _write(asked: Asking, caller: Asker, ask: Ask, content: Content) -> CommandRow:
    command = _row(asked, caller, ask.kind, ask.arguments)
    command.case_kind, command.case_id, command.reason = ask.case_kind, ask.case_id, ask.reason
    async with asked.services.database.transaction(caller.tenant_id) as session:
        earlier = await _insert(session, caller, command)
        if earlier is None:
            await content(session)
        return earlier or command


def _row(asked: Asking, caller: Asker, kind: str, arguments: dict[str, Any]) -> CommandRow:
    plain = {name: _plain(value) for name, value in arguments.items()}
    if asked.expected_version is not None:
        plain["expected_version"] = asked.expected_version
    return CommandRow(
        tenant_id=caller.tenant_id,
        id=asked.key or uuid7(),
        kind=kind,
        arguments=plain,
        actor_id=caller.account_id,
        correlation_id=correlation_id(),
        fingerprint=asked.fingerprint,
        created_at=datetime.now(UTC),
    )


async def _insert(session: AsyncSession, caller: Asker, command: CommandRow) -> CommandRow | None:
    """Writes the command; returns the earlier one when its key has made one. Raises 422 for another request."""
    if await session.scalar(_WRITE, command.model_dump()) is not None:
        return None
    earlier = await session.get_one(CommandRow, (caller.tenant_id, command.id))
    if earlier.fingerprint != command.fingerprint or earlier.actor_id != caller.account_id:
        raise field_error("Idempotency-Key", "idempotency_mismatch", "This key was used for another request.")
    return earlier


def _command_id(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        return uuid5(NAMESPACE_OID, key)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _accepted(command: CommandRow) -> JSONResponse:
    body = {"command_id": str(command.id), "case_id": str(command.case_id), "status": CommandStatus.PENDING}
    return JSONResponse(body, HTTPStatus.ACCEPTED, {"Location": f"/api/v1/commands/{command.id}"})


def _etag(view: BaseModel) -> dict[str, str]:
    version = getattr(view, "version", None)
    return {"ETag": f'"{version}"'} if version is not None else {}
