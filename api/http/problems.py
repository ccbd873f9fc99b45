"""Every refusal of the API: an RFC 9457 problem document with a stable code."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.http.methods import methods_of
from api.http.route_names import ERRORS_PAGE
from domain.refusal import Refusal
from stores.files.storage import StorageAway

MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger(__name__)

# Refusals that have a status of their own; every other one is 409. A payload that can never be valid is 422, whether
# the route or the workflow notices.
_STATUS_OF_CODE = {
    "version_mismatch": HTTPStatus.PRECONDITION_FAILED,
    "decision_invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "reason_required": HTTPStatus.UNPROCESSABLE_ENTITY,
    "field_invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "dates_impossible": HTTPStatus.UNPROCESSABLE_ENTITY,
    "document_expired": HTTPStatus.UNPROCESSABLE_ENTITY,
    "issued_in_future": HTTPStatus.UNPROCESSABLE_ENTITY,
}

# The fields that such a refusal finds fault with; a task's form has the ids of what it asks about in its `fields`.
_FIELD_OF_CODE = {"decision_invalid": "decision", "reason_required": "reason", "field_invalid": "fields"}


class Problem(Exception):
    """Raised anywhere below a route to answer with this status, code and sentence.

    `permission` is the one that a 403 found missing. `beside` are further members of the answer (RFC 9457, 3.2).
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
        permission: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers
        self.permission = permission
        self.beside: dict[str, Any] = {}


def conflict(code: str, sentence: str, *, field: str | None = None, headers: dict[str, str] | None = None) -> Problem:
    """What a refusal of the rules answers: 409, 412 when `If-Match` did not match, 422 for what cannot be."""
    field = field or _FIELD_OF_CODE.get(code)
    errors = [{"field": field, "code": code, "detail": sentence}] if field else None
    return Problem(status_of(code), code, sentence, errors=errors, headers=headers)


def status_of(code: str) -> HTTPStatus:
    """With which status a refusal of the rules is answered."""
    return _STATUS_OF_CODE.get(code, HTTPStatus.CONFLICT)


def not_found(what: str) -> Problem:
    """404, the same for what does not exist and for what belongs to somebody else, so that nobody learns which it
    is."""
    return Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no such {what}.")


def field_error(field: str, code: str, sentence: str) -> Problem:
    """A payload whose `field` cannot be accepted."""
    errors = [{"field": field, "code": code, "detail": sentence}]
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, code, sentence, errors=errors)


def answer(problem: Problem) -> JSONResponse:
    """The problem as a response."""
    body: dict[str, Any] = {
        "type": f"{ERRORS_PAGE}#{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
    }
    if problem.errors is not None:
        body["errors"] = problem.errors
    body |= problem.beside
    return JSONResponse(body, problem.status, problem.headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem document."""

    @app.exception_handler(Problem)
    async def on_problem(_: Request, problem: Problem) -> JSONResponse:
        return answer(problem)

    @app.exception_handler(Refusal)
    async def on_refusal(_: Request, refusal: Refusal) -> JSONResponse:
        return answer(conflict(refusal.code, refusal.sentence, field=refusal.field))

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, invalid: RequestValidationError) -> JSONResponse:
        return answer(_invalid(invalid))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        code = HTTPStatus(error.status_code).name.lower()
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            # The framework names those of the first route with this path only.
            headers["Allow"] = ", ".join(methods_of(app.routes, request.scope))
        return answer(Problem(error.status_code, code, str(error.detail), headers=headers))

    @app.exception_handler(StorageAway)
    async def on_storage_away(_: Request, away: StorageAway) -> JSONResponse:
        log.warning("storage_unavailable", cause=str(away))
        detail = "The storage of files is not available at the moment. Please try again."
        return answer(Problem(503, "storage_unavailable", detail, headers={"Retry-After": "1"}))

    @app.exception_handler(Exception)
    async def on_defect(_: Request, __: Exception) -> JSONResponse:
        # The server logs the exception after this answer, which must give nothing of it away.
        detail = "Something went wrong on our side. Quote the X-Correlation-Id of this answer when you report it."
        return answer(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", detail))

    @app.exception_handler(IntegrityError)
    async def on_overtaken(_: Request, error: IntegrityError) -> JSONResponse:
        # Routes check before they write. A constraint fails only when another request was faster in between.
        match getattr(error.orig, "sqlstate", None):
            case "23505":
                return answer(conflict("already_exists", "Another request has just made one like this."))
            case "23503":
                return answer(conflict("reference_gone", "Another request has just changed what this one refers to."))
        raise error

    @app.exception_handler(PoolTimeout)
    @app.exception_handler(InterfaceError)
    @app.exception_handler(OperationalError)
    async def on_database_away(_: Request, error: Exception) -> JSONResponse:
        cause = type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
        log.warning("database_unavailable", cause=cause)
        detail = (
            "The database is not available at the moment. Please try again, a change with the same Idempotency-Key."
        )
        return answer(Problem(503, "database_unavailable", detail, headers={"Retry-After": "1"}))


def _invalid(invalid: RequestValidationError) -> Problem:
    errors = [
        {"field": _field(error["loc"]), "code": str(error["type"]), "detail": str(error["msg"])}
        for error in invalid.errors()
    ]
    if any(error["code"] == "json_invalid" for error in errors):
        return Problem(HTTPStatus.BAD_REQUEST, "json_malformed", "The body is not valid JSON.", errors=errors)
    named = ", ".join(dict.fromkeys(error["field"] for error in errors))
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", f"These fields are not valid: {named}.", errors=errors)


def _field(location: tuple[Any, ...]) -> str:
    place, *path = location
    return ".".join(str(part) for part in path) or str(place)
