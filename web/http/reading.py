"""What a page reads: the API's own functions, with the permission that each of them names."""

import inspect
from collections.abc import Awaitable, Callable
from functools import cache
from http import HTTPStatus
from typing import Any, TypeVar, get_args, get_type_hints
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel

from api.cases.reader import Cases
from api.http.paging import MAX_PAGE, Paging, paging
from api.http.payloads import EventView
from api.http.problems import Problem
from api.http.services import services
from api.identity.callers import Caller, needs
from domain.people.permissions import Permission
from web.http.sending import send
from web.http.visits import Visit

T = TypeVar("T")
V = TypeVar("V", bound=BaseModel)

FIRST_PAGE = Paging(limit=50, cursor=None, offset=None, count=False)
ALL_AT_ONCE = Paging(limit=MAX_PAGE, cursor=None, offset=None, count=False)


async def read(visit: Visit, route: Callable[..., Awaitable[T]], **given: Any) -> T:
    """What the API's route answers to the visitor, as an object. Raises its problems, 403 among them."""
    for name, dependency in _dependencies(route).items():
        if name in given:
            continue
        if dependency is services:
            given[name] = visit.services
        elif dependency is paging:
            given[name] = FIRST_PAGE
        elif name == "caller":
            given[name] = await _allowed(dependency, visit.caller)
    return await route(**given)


def following(visit: Visit, cursor: str | None) -> str | None:
    """The address of the next part of the list that is looked at, with all that it is narrowed by."""
    if cursor is None:
        return None
    asked = [pair for pair in visit.request.query_params.multi_items() if pair[0] != "cursor"]
    return f"{visit.request.url.path}?{urlencode([*asked, ('cursor', cursor)])}"


async def _allowed(dependency: Callable[..., Any], caller: Caller) -> Caller:
    # Who is signed in needs no permission; any other route's dependency looks for one.
    return await dependency(caller) if "caller" in inspect.signature(dependency).parameters else caller


@cache
def _dependencies(route: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    hints = get_type_hints(route, include_extras=True)
    return {
        name: depends.dependency
        for name, hint in hints.items()
        for depends in get_args(hint)[1:]
        if getattr(depends, "dependency", None)
    }


async def require(visit: Visit, permission: Permission, *, even_suspended: bool = False) -> None:
    """Refuses the page to who has not the permission, as the API does. Raises 403."""
    await needs(permission, even_suspended=even_suspended)(visit.caller)


async def see(visit: Visit, cases: Cases[Any], permission: Permission, case_id: UUID) -> Any:
    """A case as the API shows it to the visitor. Raises 403, and 404 for one that is not theirs to see."""
    return await cases.read(visit.services.database, await needs(permission)(visit.caller), case_id)


async def told(visit: Visit, cases: Cases[Any], case_id: UUID) -> list[EventView]:
    """What happened to a case that the visitor is known to `see`, oldest first."""
    async with visit.services.database.glance(visit.caller.tenant_id) as session:
        return (await cases.events(session, visit.caller, case_id, ALL_AT_ONCE)).items


async def get(visit: Visit, path: str, view: type[V]) -> V:
    """What a GET of the API's path answers to the visitor. Raises its problems."""
    ending = await send(visit, "GET", path)
    if not ending.done:
        retry = {name: value for name, value in ending.headers.items() if name == "retry-after"}
        raise Problem(ending.status, ending.code, str(ending.body["detail"]), headers=retry)
    return view.model_validate(ending.body)


async def if_allowed(what: Awaitable[T]) -> T | None:
    """What is read; None where the visitor may not see it."""
    try:
        return await what
    except Problem as problem:
        if problem.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
            return None
        raise
