"""Paths for everybody: below `/public` a tenant's begin with its slug, and others with a word that no slug may be."""

from collections.abc import Iterable

from fastapi import Request
from fastapi.routing import APIRoute

from api.http.routing import Router

PUBLIC = "/public"


def words_in_place_of_slugs(routers: Iterable[Router]) -> frozenset[str]:
    """The words with which paths below `/public` begin."""
    paths = (route.path for router in routers for route in router.routes if isinstance(route, APIRoute))
    first = (path.removeprefix(f"{PUBLIC}/").partition("/")[0] for path in paths if path.startswith(f"{PUBLIC}/"))
    return frozenset(word for word in first if not word.startswith("{"))


async def reserved_slugs(request: Request) -> frozenset[str]:
    """What no tenant may be called by, as a dependency."""
    reserved: frozenset[str] = request.app.state.reserved_slugs
    return reserved
