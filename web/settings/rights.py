"""What one may do, in words: areas, and in each what can be done."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.people.permissions import PLATFORM, Permission


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


_P = Permission

AREAS = {
    "tickets": _("Tickets"),
    "customers": _("Customers"),
    "kyc": _("Identity checks"),
    "reviews": _("Tasks"),
    "quotes": _("Quotes"),
    "catalogue": _("Catalogue"),
    "stock": _("Stock"),
    "orders": _("Orders"),
    "invoices": _("Invoices"),
    "bookings": _("Bookings"),
    "callbacks": _("Callbacks"),
    "mail": _("Mail that comes in"),
    "files": _("Files"),
    "reports": _("Reports"),
    "settings": _("Settings"),
    "users": _("People"),
    "roles": _("Roles"),
    "audit": _("Audit"),
    "commands": _("Commands"),
    "deliveries": _("Mail and deliveries"),
    "operations": _("What waits"),
}
OWN, ALL, CHANGE = _("see their own customer's"), _("see everybody's"), _("change them")
ACTIONS = {
    _P.TICKETS_OPEN: _("open them"),
    _P.TICKETS_OPEN_FOR_OTHERS: _("open for others"),
    _P.TICKETS_REPLY: _("reply"),
    _P.TICKETS_NOTE: _("write notes"),
    _P.TICKETS_EDIT: _("change subject and category"),
    _P.TICKETS_WORK: _("change state and priority"),
    _P.TICKETS_ASSIGN: _("assign and hand over"),
    _P.TICKETS_REOPEN: _("open again"),
    _P.CUSTOMERS_ACTIVATE: _("take into business"),
    _P.CUSTOMERS_SUSPEND: _("suspend and take back"),
    _P.KYC_SUBMIT: _("hand in papers"),
    _P.KYC_DECIDE: _("decide"),
    _P.REVIEWS_READ: _("see"),
    _P.OPERATIONS_READ: _("see"),
    _P.REVIEWS_DECIDE: _("claim and decide"),
    _P.QUOTES_WRITE: _("write"),
    _P.QUOTES_APPROVE: _("approve"),
    _P.QUOTES_ACCEPT: _("accept and decline"),
    _P.QUOTES_REQUEST: _("ask for"),
    _P.CATALOGUE_READ: _("see what is shown"),
    _P.CATALOGUE_READ_ALL: _("see what is not shown too"),
    _P.STOCK_READ: _("see"),
    _P.ORDERS_PLACE: _("place"),
    _P.ORDERS_WORK: _("carry out"),
    _P.INVOICES_WRITE: _("write"),
    _P.INVOICES_ISSUE: _("issue"),
    _P.INVOICES_CANCEL: _("cancel"),
    _P.INVOICES_RECORD_PAYMENT: _("record payments"),
    _P.BOOKINGS_BOOK: _("book"),
    _P.BOOKINGS_WORK: _("confirm, move, check in"),
    _P.BOOKINGS_SET_UP: _("set up services and team"),
    _P.CALLBACKS_ASK: _("ask for"),
    _P.CALLBACKS_WORK: _("plan and make"),
    _P.MAIL_READ: _("see"),
    _P.MAIL_WORK: _("decide about them"),
    _P.MAIL_RAW: _("open the raw mail"),
    _P.MAIL_MANAGE: _("set up mailboxes and rules"),
    _P.FILES_READ: _("open them"),
    _P.FILES_WRITE: _("hand in"),
    _P.REPORTS_READ: _("see"),
    _P.SETTINGS_READ: _("see"),
    _P.USERS_READ: _("see"),
    _P.USERS_WRITE: _("invite, change, take out"),
    _P.AUDIT_READ: _("see all of it"),
    _P.AUDIT_READ_OWN: _("see what they did themselves"),
    _P.COMMANDS_READ: _("see their own"),
    _P.COMMANDS_READ_ALL: _("see everybody's"),
    _P.DELIVERIES_READ: _("see"),
    _P.DELIVERIES_RETRY: _("have tried again"),
}
_USUAL = {"read": OWN, "read_all": ALL, "write": CHANGE}


@dataclass(frozen=True)
class Right:
    """Something that a role can allow, by what it is called within its area."""

    permission: Permission
    area: str
    action: str


def _right(permission: Permission) -> Right:
    area, _colon, action = permission.partition(":")
    return Right(permission, area, ACTIONS.get(permission) or _USUAL[action])


RIGHTS = {permission: _right(permission) for permission in Permission if permission not in PLATFORM}


def by_area(permissions: Iterable[str] = RIGHTS) -> dict[str, list[Right]]:
    """The rights of some permissions, all of a tenant's without any, by the name of their area."""
    found: dict[str, list[Right]] = {}
    wanted = set(permissions)
    for right in (right for permission, right in RIGHTS.items() if permission in wanted):
        found.setdefault(AREAS[right.area], []).append(right)
    return found
