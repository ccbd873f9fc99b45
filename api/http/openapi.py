"""The API's document, with what its routes share: problems, headers, and words for what stands beside no words."""

from http import HTTPStatus
from typing import Any

from fastapi.routing import APIRoute

from api.http.examples import example_of
from api.http.problems import MEDIA_TYPE
from api.http.route_names import ERRORS_PAGE
from api.http.words import EXAMPLES, FIELDS, PARAMETERS

PROBLEM_SCHEMA = "#/components/schemas/Problem"

ABOUT = f"""
A customer service platform: every case that a company owes its customer is one durable workflow.

- Log in at `POST /api/v1/auth/login`, and send `Authorization: Bearer` with the `access_token`.
- A command is answered when it is done, or with 202 and a `Location` at which to look what becomes of it. `Command-Id`
  names it either way.
- `Idempotency-Key` makes a repeated POST the same request; `If-Match` with an `ETag` refuses one (412) that was decided
  on by an earlier version.
- Lists are pages: `next_cursor` continues one as `cursor`. All times are UTC and end in `Z`, amounts are in minor units
  of their currency, rates in basis points.
- A refusal is a problem (RFC 9457) with a stable `code`: [all of them]({ERRORS_PAGE}).
- Every answer has the `X-Correlation-Id` that was sent, or a new one: it is in logs, events and messages too.
"""

_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "Why a request was refused (RFC 9457). Some have further members, as `alternatives`.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Where its code is explained."},
        "title": {"type": "string", "description": "The name of the status."},
        "status": {"type": "integer", "description": "The status of the answer."},
        "code": {"type": "string", "description": "Why, stable and meant for programs.", "examples": ["ticket_closed"]},
        "detail": {"type": "string", "description": "Why, in a sentence for people."},
        "errors": {
            "type": "array",
            "description": "What is wrong with which field.",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string", "description": "Its path, as `lines.0.quantity`."},
                    "code": {"type": "string", "description": "Why, stable and meant for programs."},
                    "detail": {"type": "string", "description": "Why, in words."},
                },
            },
        },
    },
    "externalDocs": {"description": "Every code with its meaning", "url": ERRORS_PAGE},
}

_ACCEPTED: dict[str, Any] = {
    "title": "AcceptedCommand",
    "description": "The command is written and will be carried out; `Location` says where to look.",
    "type": "object",
    "required": ["command_id", "case_id", "status"],
    "properties": {
        "command_id": {"type": "string", "format": "uuid", "description": "Read it at `GET /api/v1/commands/{id}`."},
        "case_id": {"type": "string", "format": "uuid", "description": "The case that it is asked of."},
        "status": {"const": "pending", "description": "Nobody has decided it yet."},
    },
}


def _header(words: str, schema: dict[str, Any], *, always: bool = True) -> dict[str, Any]:
    return {"description": words, "schema": schema, **({"required": True} if always else {})}


_LOCATION = _header("Where it is read.", {"type": "string", "format": "uri-reference"})
_COMMAND_ID = _header("The id of the command.", {"type": "string", "format": "uuid"})
_ETAG = _header("The version, as `If-Match` takes it.", {"type": "string", "pattern": '^"\\d+"$', "examples": ['"7"']})
_RETRY_AFTER = _header("After how many seconds to try again.", {"type": "integer", "minimum": 1}, always=False)

MAKES_ELSEWHERE: dict[int | str, dict[str, Any]] = {201: {"headers": {"Location": _LOCATION}}}
"""Of routes whose `Location` is not below their own path."""

MAY_WAIT: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "Written; carried out soon",
        "headers": {"Location": _LOCATION, "Command-Id": _COMMAND_ID},
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AcceptedCommand"}}},
    }
}
"""Of routes that open a case: the engine may be away."""

_ANYWHERE = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_FOR_PEOPLE = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_FOR_BODIES = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def problems(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """What a route may refuse with, besides what is added to every route of its kind."""
    return {int(status): _problem(status) for status in statuses}


def operation_id(route: APIRoute) -> str:
    """What clients call a route: the name of its function, as `listTickets`."""
    first, *others = route.name.split("_")
    return first + "".join(word.capitalize() for word in others)


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Adds to FastAPI's document what its routes share; returns the same one."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(Problem=_PROBLEM, AcceptedCommand=_ACCEPTED)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    _rename(document, {name: schema["title"] for name, schema in schemas.items() if "_" in name})
    for name, schema in schemas.items():
        _describe(name, schema)
    paths = document["paths"]
    read = {path.rpartition("/{")[0] for path, operations in paths.items() if "get" in operations and path[-1] == "}"}
    for path, operations in paths.items():
        for method, operation in operations.items():
            _complete_operation(method, operation, schemas, located=path in read)
    return document


def _rename(document: dict[str, Any], names: dict[str, str]) -> None:
    """Gives schemas of generic types the names that clients call them by."""
    schemas = document["components"]["schemas"]
    for name, title in names.items():
        schemas[title] = schemas.pop(name)
    refs = {f"#/components/schemas/{name}": f"#/components/schemas/{title}" for name, title in names.items()}
    places: list[Any] = [document]
    while places:
        place = places.pop()
        if isinstance(place, dict):
            if place.get("$ref") in refs:
                place["$ref"] = refs[place["$ref"]]
            places += place.values()
        elif isinstance(place, list):
            places += place


def _describe(name: str, schema: dict[str, Any]) -> None:
    """Gives each field words, and where there is one an example, unless its declaration does."""
    for field, said in schema.get("properties", {}).items():
        words = FIELDS.get(name, {}).get(field) or FIELDS["any"].get(field)
        if words and "description" not in said:
            said["description"] = words
        if name.endswith("Body") and field in EXAMPLES and said.get("type") == type_of(EXAMPLES[field]):
            said.setdefault("examples", [EXAMPLES[field]])


def type_of(value: object) -> str:
    """What JSON Schema calls the type of an example."""
    return {str: "string", int: "integer", list: "array"}[type(value)]


def _complete_operation(
    method: str, operation: dict[str, Any], schemas: dict[str, dict[str, Any]], *, located: bool
) -> None:
    parameters = {parameter["name"]: parameter for parameter in operation.get("parameters", ())}
    for name, parameter in parameters.items():
        if "description" not in parameter and (words := PARAMETERS.get(name)):
            parameter["description"] = words
    responses = operation["responses"]
    statuses = list(_ANYWHERE)
    if "security" in operation:
        statuses += _FOR_PEOPLE
    if method != "get":
        statuses.append(HTTPStatus.CONFLICT)
    if "If-Match" in parameters:
        statuses.append(HTTPStatus.PRECONDITION_FAILED)
        responses.update({str(status): dict(said) for status, said in MAY_WAIT.items()})
    if body := operation.get("requestBody"):
        statuses += _FOR_BODIES
        for content in body["content"].values():
            # Who leaves an optional body out sends none, and not `null`.
            said = [each for each in content["schema"].get("anyOf", ()) if each != {"type": "null"}]
            content["schema"] = said[0] if len(said) == 1 else content["schema"]
            content.setdefault("example", example_of(content["schema"], schemas))
    for status in statuses:
        if status is HTTPStatus.UNPROCESSABLE_ENTITY or str(int(status)) not in responses:
            responses[str(int(status))] = _problem(status)
    for status, response in responses.items():
        if status in ("200", "201", "204") and (headers := _headers(response, schemas, commands="202" in responses)):
            response.setdefault("headers", {}).update(headers)
    if located and "201" in responses:
        responses["201"].setdefault("headers", {})["Location"] = _LOCATION


def _headers(response: dict[str, Any], schemas: dict[str, dict[str, Any]], *, commands: bool) -> dict[str, Any]:
    """What a success says beside its body: the version of what has one, and the command that it was."""
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    shown = [each["$ref"].rpartition("/")[2] for each in schema.get("anyOf", [schema]) if "$ref" in each]
    versioned = bool(shown) and all("version" in schemas[name].get("properties", {}) for name in shown)
    return {**({"ETag": _ETAG} if versioned else {}), **({"Command-Id": _COMMAND_ID} if commands else {})}


def _problem(status: HTTPStatus) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": status.phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": PROBLEM_SCHEMA}}},
    }
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        response["headers"] = {"Retry-After": _RETRY_AFTER}
    return response
