"""The API's document, with what every route may answer besides its success: problems, and 202 for a command."""

from http import HTTPStatus
from typing import Any

from api.http.problems import MEDIA_TYPE

PROBLEM_SCHEMA = "#/components/schemas/Problem"

_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "Why a request was refused (RFC 9457). `code` is stable and meant for programs.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

_ACCEPTED: dict[str, Any] = {
    "title": "AcceptedCommand",
    "description": "The command is written and will be carried out; `Location` says where to look.",
    "type": "object",
    "required": ["command_id", "case_id", "status"],
    "properties": {
        "command_id": {"type": "string", "format": "uuid"},
        "case_id": {"type": "string", "format": "uuid"},
        "status": {"const": "pending"},
    },
}

_ANYWHERE = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_FOR_PEOPLE = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_FOR_CHANGES = (HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def problems(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """What a route may refuse with, besides what is added to every route of its kind."""
    return {int(status): _problem(status) for status in statuses}


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Adds to FastAPI's document what its routes share; returns the same one."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(Problem=_PROBLEM, AcceptedCommand=_ACCEPTED)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operations in document["paths"].values():
        for method, operation in operations.items():
            _complete_operation(method, operation)
    return document


def _complete_operation(method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    statuses = [*_ANYWHERE, HTTPStatus.UNAUTHORIZED]
    if "security" in operation:
        statuses += _FOR_PEOPLE
    if method != "get":
        statuses += _FOR_CHANGES
    for status in statuses:
        if status not in (HTTPStatus.UNPROCESSABLE_ENTITY,) and str(int(status)) in responses:
            continue
        responses[str(int(status))] = _problem(status)
    if "Idempotency-Key" in {parameter["name"] for parameter in operation.get("parameters", ())}:
        accepted = {"application/json": {"schema": {"$ref": "#/components/schemas/AcceptedCommand"}}}
        responses.setdefault("202", {"description": "Written; carried out soon", "content": accepted})


def _problem(status: HTTPStatus) -> dict[str, Any]:
    return {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": {"$ref": PROBLEM_SCHEMA}}}}
