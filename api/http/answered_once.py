"""One answer for one idempotency key, for the POSTs of accounts: they are no commands, and most need no login."""

import hashlib
from collections.abc import Callable, Coroutine
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from api.cases.commands import IdempotencyKey
from api.http.problems import Problem, field_error
from api.http.services import Services, services
from models.answered_requests import AnsweredRequest
from models.database import look_as

# Longer than any of these requests takes: a process that claimed a key and has not answered by then was killed.
_GIVEN_UP = timedelta(minutes=1)


def takes_idempotency_key(idempotency_key: IdempotencyKey = None) -> None:
    """Documents and validates the header for a route whose class reads it."""


class AnsweredOnce(APIRoute):
    """A route that repeats its answer, for a day, to the same request with the same `Idempotency-Key`.

    422 `idempotency_mismatch` when the key was used for another request, 409 `request_in_progress` while the first one
    is being carried out. A refusal is not repeated: the request is tried again.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **arguments: Any) -> None:
        dependencies = [*(arguments.pop("dependencies", None) or ()), Depends(takes_idempotency_key)]
        super().__init__(path, endpoint, dependencies=dependencies, **arguments)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        carry_out = super().get_route_handler()

        async def answer_once(request: Request) -> Response:
            key = request.headers.get("Idempotency-Key")
            if not key:
                return await carry_out(request)
            service = await services(request)
            digest = hashlib.sha256(key.encode()).hexdigest()
            earlier = await _claim(service, digest, await _fingerprint(service, request))
            if earlier is not None:
                return earlier
            response = None
            try:
                response = await carry_out(request)
            finally:
                await _keep(service, digest, response)
            return response

        return answer_once


async def _fingerprint(service: Services, request: Request) -> str:
    """Tells one request from another. Keyed, because a body may hold a password that a plain hash would give away."""
    said = [request.method, request.url.path, request.headers.get("Authorization", "")]
    content = "\n".join(said).encode() + b"\n" + await request.body()
    return service.tokens.fingerprint(content)


async def _claim(service: Services, digest: str, fingerprint: str) -> Response | None:
    """The answer that was given before; None when the request is the first with its key, or none was given."""
    row, now = AnsweredRequest, sa.func.now()
    async with service.database.transaction() as session:
        # While no key is named, row-level security lets only answers go that are old enough; its policy says how old.
        await session.execute(sa.delete(row))
        await look_as(session, request_key=digest)
        abandoned = col(row.status).is_(None) & (col(row.created_at) < now - _GIVEN_UP)
        claimed = await session.scalar(
            insert(row)
            .values(key_digest=digest, fingerprint=fingerprint)
            .on_conflict_do_update(
                index_elements=["key_digest"],
                set_={"created_at": now},
                where=abandoned & (col(row.fingerprint) == fingerprint),
            )
            .returning(col(row.key_digest))
        )
        if claimed:
            return None
        earlier = await session.get(row, digest)
    if earlier and earlier.fingerprint != fingerprint:
        raise field_error("Idempotency-Key", "idempotency_mismatch", "This key was used for another request.")
    if earlier is None or earlier.status is None:
        sentence = "The first request with this key is still being carried out."
        raise Problem(HTTPStatus.CONFLICT, "request_in_progress", sentence, headers={"Retry-After": "1"})
    return Response(earlier.body or None, earlier.status, media_type="application/json" if earlier.body else None)


async def _keep(service: Services, digest: str, response: Response | None) -> None:
    row = AnsweredRequest
    async with service.database.transaction() as session:
        await look_as(session, request_key=digest)
        if response is None:
            await session.execute(sa.delete(row))
            return
        answer = {"status": response.status_code, "body": bytes(response.body).decode()}
        await session.execute(sa.update(row).where(col(row.key_digest) == digest).values(**answer))
