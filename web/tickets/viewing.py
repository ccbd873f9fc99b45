"""How the list of tickets is narrowed by its address, and the views of it: those of the house, and those that staff
keep."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from api.cases.names import Names, staff_and_groups
from api.identity.routes.views import list_views
from api.tickets.lists import NARROWED_BY, ListCount, Said, TicketList, count_lists, parted
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


FILTERS = {
    "status": _("State"),
    "priority": _("Priority"),
    "assignee_id": _("Has it"),
    "group_id": _("Group"),
    "unassigned": _("In nobody's hands"),
    "mine": _("Mine"),
    "breached": _("Late"),
    "q": _("Number or subject"),
    "sort": _("Sorting"),
}
"""What is narrowed and sorted by, by the names that addresses have for it."""

_HOUSE = (
    View("", _("Not closed")),
    View("mine=true", _("Mine")),
    View("unassigned=true", _("In nobody's hands")),
    View("breached=true", _("Late")),
    View("status=closed", _("Closed")),
)


@dataclass(frozen=True)
class Asked:
    """What an address asks of the list, without what is left open and without its place: `said` can be, `left_out` are
    values that there are not."""

    said: Said
    left_out: Said

    @classmethod
    def at(cls, query: str) -> "Asked":
        """What the address with this query asks: an old one, or one made by hand, may say anything."""
        return cls(*parted(query))

    @property
    def narrowed(self) -> TicketList:
        """The list, as far as it can be."""
        return TicketList.at(self.query)

    @property
    def query(self) -> str:
        """What can be, as in an address."""
        return urlencode(self.said)

    @property
    def chosen(self) -> dict[str, str]:
        """What can be, by names; of several values the first."""
        return dict(reversed(self.said))

    def followed_by(self, cursor: str | None) -> str | None:
        """The address of the next part of the list; None at its end."""
        return f"/tickets?{urlencode([*self.said, ('cursor', cursor)])}" if cursor else None

    @property
    def not_there(self) -> list[tuple[str, str]]:
        """What is left out, for people to read: the filter, to be said in the visit's language, and its value."""
        # What no page can show, such as NUL, may be the very reason why there is no such value.
        return [(FILTERS[name], "".join(filter(str.isprintable, value))) for name, value in self.left_out]


@dataclass(frozen=True)
class Views:
    """`query` is what the address narrows and sorts by, and `possible` that of it which can be."""

    query: str
    possible: str
    all: Sequence[View]

    @cached_property
    def current(self) -> View | None:
        """The one that is looked at; one's own, where two are the same. One that is kept with what there cannot be is
        still that one."""
        found = {_narrowing(view.query): view for view in self.all}
        return found.get(self.query) or found.get(self.possible)


async def views_of(visit: Visit, query: str) -> Views:
    """The views of the list at an address."""
    kept = [View(view.query, view.name, view.id) for view in await read(visit, list_views)]
    return Views(_narrowing(query), _narrowing(Asked.at(query).query), [*_HOUSE, *kept])


async def counted(visit: Visit, views: Views) -> Views:
    """The same, counted."""
    counts = await count_lists(visit.services.database, visit.caller, [view.query for view in views.all])
    return replace(views, all=[replace(view, count=count) for view, count in zip(views.all, counts, strict=True)])


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
    return urlencode(sorted(pair for pair in parse_qsl(query) if pair[0] in NARROWED_BY))
