"""How the list of tickets is narrowed by its address, and the views of it: those of the house, and those that staff
keep."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api.cases.names import Names, staff_and_groups
from api.identity.routes.views import list_views
from api.tickets.lists import NARROWED_BY, ListCount, TicketList, count_lists
from domain.people.permissions import Permission
from web.http.reading import read
from web.http.sending import Ending
from web.http.visits import Visit


def _(text: str) -> str:
    """Marks a text for the catalogues; the template says it in the visit's language."""
    return text


@dataclass(frozen=True)
class View:
    """A list by its name; `id` is that of one which the visitor keeps, `count` how many tickets are in it, once they
    are counted."""

    query: str
    name: str
    id: UUID | None = None
    count: ListCount | None = None


_HOUSE = (
    View("", _("Not closed")),
    View("mine=true", _("Mine")),
    View("unassigned=true", _("In nobody's hands")),
    View("breached=true", _("Late")),
    View("status=closed", _("Closed")),
)


@dataclass(frozen=True)
class Views:
    """`query` is what the list is narrowed and sorted by."""

    query: str
    all: Sequence[View]

    @cached_property
    def current(self) -> View | None:
        """The one that is looked at; one's own, where two are the same."""
        return next((view for view in reversed(self.all) if _narrowing(view.query) == self.query), None)


async def asked(request: Request) -> TicketList:
    """The list at the page's address, as a dependency. Raises RequestValidationError."""
    try:
        return TicketList.at(request.url.query)
    except ValidationError as invalid:
        errors = [error | {"loc": ("query", *error["loc"])} for error in invalid.errors()]
        raise RequestValidationError(errors) from None


def pairs(query: str) -> list[tuple[str, str]]:
    """What the list is narrowed and sorted by, without what is left open and without its place."""
    return [(name, value) for name, value in parse_qsl(query) if name in NARROWED_BY]


def chosen(query: str) -> dict[str, str]:
    """The same by names; of several values the first."""
    return dict(reversed(pairs(query)))


async def views_of(visit: Visit, query: str) -> Views:
    """The views of the list at an address."""
    kept = [View(view.query, view.name, view.id) for view in await read(visit, list_views)]
    return Views(_narrowing(query), [*_HOUSE, *kept])


async def counted(visit: Visit, views: Views) -> Views:
    """The same, counted."""
    counts = await count_lists(visit.services.database, visit.caller, [view.query for view in views.all])
    return Views(views.query, [replace(view, count=count) for view, count in zip(views.all, counts, strict=True)])


async def whom_of(visit: Visit) -> Names:
    """The staff and the groups that have tickets, as far as the visitor may read who they are."""
    found = await staff_and_groups(visit.services.database, visit.caller.tenant_id)
    people = found.people if visit.caller.may(Permission.USERS_READ) else {}
    groups = found.groups if visit.caller.may(Permission.SETTINGS_READ) else {}
    return Names(people=people, groups=groups)


def at_the_view(ending: Ending) -> str:
    """Onward to a view that was kept."""
    return f"/tickets?{ending.body['query']}"


def _narrowing(query: str) -> str:
    return urlencode(sorted(pairs(query)))
