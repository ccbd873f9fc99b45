"""How the list of tickets is narrowed by its address, and the views of it that staff keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from api.cases.names import Names, staff_and_groups
from api.identity.routes.views import NARROWED_BY, KeptViewView, list_views
from domain.people.permissions import Permission
from web.http.reading import read
from web.http.sending import Ending
from web.http.visits import Visit


@dataclass(frozen=True)
class Views:
    """`query` is what the list is narrowed and sorted by, `kept` are the visitor's views, `whom` those whose tickets
    one can look at."""

    query: str
    kept: Sequence[KeptViewView]
    whom: Names

    @property
    def current(self) -> KeptViewView | None:
        """The kept view that is looked at."""
        return next((view for view in self.kept if _narrowing(view.query) == self.query), None)


def pairs(query: str) -> list[tuple[str, str]]:
    """What the list is narrowed and sorted by, without what is left open and without its place."""
    return [(name, value) for name, value in parse_qsl(query) if name in NARROWED_BY]


def chosen(query: str) -> dict[str, str]:
    """The same by names; of several values the first."""
    return dict(reversed(pairs(query)))


async def views_of(visit: Visit, query: str) -> Views:
    """What the filters and views of the list are drawn of."""
    return Views(_narrowing(query), await read(visit, list_views), await whom_of(visit))


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
