"""What a route is called in figures and in the audit: its path as declared, never as asked, where data may be."""

from collections.abc import Collection

from starlette.types import Scope

API_PREFIX = "/api/v1"
ERRORS_PAGE = "/docs/errors"
"""Explains every code that a problem can have."""


def route_name(scope: Scope) -> str:
    """The path of the route that took the request, with its prefix; `unmatched` when none did."""
    path = getattr(scope.get("route"), "path", None)
    if path is None and scope.get("endpoint"):
        # Starlette's own do not name themselves: the API's description, which takes nothing from its path, and files.
        return f"{scope['root_path']}/{{path}}" if scope.get("root_path") else str(scope["path"])
    if path is None:
        return "unmatched"
    inside = scope["path"].startswith(f"{API_PREFIX}/") and not path.startswith(API_PREFIX)
    return f"{API_PREFIX}{path}" if inside else str(path)


def is_among(paths: Collection[str], path: str) -> bool:
    """Whether it is one of the paths, or below one of those that end with a slash."""
    return path in paths or any(each.endswith("/") and path.startswith(each) for each in paths)
