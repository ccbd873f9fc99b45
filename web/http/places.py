"""The places of the house: where one can go, by what one may see."""

from dataclasses import dataclass, replace

from api.identity.callers import Caller
from domain.people.permissions import Permission


def _(text: str) -> str:
    """Marks a text for the catalogues; the template says it in the visit's language."""
    return text


@dataclass(frozen=True)
class Place:
    """`permission` is what one needs to go there, `key` what leads there by the keyboard; `also` are the addresses
    beside it that belong to it."""

    address: str
    name: str
    icon: str
    permission: Permission | None
    key: str = ""
    here: bool = False
    also: tuple[str, ...] = ()


PORTAL = (
    Place("/", _("Home"), "house", None),
    Place("/tickets", _("Requests"), "message-square", Permission.TICKETS_READ),
    Place("/quotes", _("Quotes"), "file-text", Permission.QUOTES_READ, also=("/quote-requests",)),
    Place("/kyc", _("Identity"), "shield-check", Permission.KYC_READ),
)
DESK = (
    Place("/inbox", _("Inbox"), "inbox", Permission.REVIEWS_READ, "g i"),
    Place("/tickets", _("Tickets"), "ticket", Permission.TICKETS_READ_ALL, "g t"),
    Place(
        "/quotes", _("Quotes"), "file-text", Permission.QUOTES_READ_ALL, "g q", also=("/quote-requests", "/products")
    ),
    Place("/customers", _("Customers"), "building-2", Permission.CUSTOMERS_READ_ALL, "g c"),
    Place("/waiting", _("What waits"), "hourglass", Permission.OPERATIONS_READ, "g w"),
    Place("/settings", _("Settings"), "settings", Permission.SETTINGS_WRITE, "g s"),
    Place("/tenants", _("Houses"), "building-2", Permission.TENANTS_READ),
)


def places_of(caller: Caller, path: str) -> list[Place]:
    """Where the caller can go, and which of it holds the path."""
    places = PORTAL if caller.customer_id else DESK
    return [
        replace(each, here=any(_holds(address, path) for address in (each.address, *each.also)))
        for each in places
        if each.permission is None or caller.may(each.permission)
    ]


def _holds(address: str, path: str) -> bool:
    return path == address or (address != "/" and path.startswith(f"{address}/"))


def within(address: str) -> str:
    """The address if it is one of ours, else the first page: nobody is led away by a link to our login."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if ours and "\\" not in address else "/"
