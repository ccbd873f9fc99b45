"""What a person may do: the catalogue of permissions, and the roles that every tenant starts with."""

from enum import StrEnum

from domain.people.accounts import PlatformRole


class Permission(StrEnum):
    """`area:action`. A role is a set of these; a route names the one it needs."""

    TICKETS_READ = "tickets:read"
    TICKETS_READ_ALL = "tickets:read_all"
    TICKETS_OPEN = "tickets:open"
    TICKETS_OPEN_FOR_OTHERS = "tickets:open_for_others"
    TICKETS_REPLY = "tickets:reply"
    TICKETS_NOTE = "tickets:note"
    TICKETS_EDIT = "tickets:edit"
    TICKETS_WORK = "tickets:work"
    TICKETS_ASSIGN = "tickets:assign"
    TICKETS_REOPEN = "tickets:reopen"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_READ_ALL = "customers:read_all"
    CUSTOMERS_WRITE = "customers:write"
    CUSTOMERS_ACTIVATE = "customers:activate"
    CUSTOMERS_SUSPEND = "customers:suspend"
    KYC_READ = "kyc:read"
    KYC_READ_ALL = "kyc:read_all"
    KYC_SUBMIT = "kyc:submit"
    KYC_DECIDE = "kyc:decide"
    REVIEWS_READ = "reviews:read"
    REVIEWS_DECIDE = "reviews:decide"
    QUOTES_READ = "quotes:read"
    QUOTES_READ_ALL = "quotes:read_all"
    QUOTES_WRITE = "quotes:write"
    QUOTES_APPROVE = "quotes:approve"
    QUOTES_ACCEPT = "quotes:accept"
    QUOTES_REQUEST = "quotes:request"
    CATALOGUE_READ = "catalogue:read"
    CATALOGUE_READ_ALL = "catalogue:read_all"
    CATALOGUE_WRITE = "catalogue:write"
    STOCK_READ = "stock:read"
    STOCK_WRITE = "stock:write"
    ORDERS_READ = "orders:read"
    ORDERS_READ_ALL = "orders:read_all"
    ORDERS_PLACE = "orders:place"
    ORDERS_WORK = "orders:work"
    INVOICES_READ = "invoices:read"
    INVOICES_READ_ALL = "invoices:read_all"
    INVOICES_WRITE = "invoices:write"
    INVOICES_ISSUE = "invoices:issue"
    INVOICES_CANCEL = "invoices:cancel"
    INVOICES_RECORD_PAYMENT = "invoices:record_payment"
    BOOKINGS_READ = "bookings:read"
    BOOKINGS_READ_ALL = "bookings:read_all"
    BOOKINGS_BOOK = "bookings:book"
    BOOKINGS_WORK = "bookings:work"
    BOOKINGS_SET_UP = "bookings:set_up"
    CALLBACKS_READ = "callbacks:read"
    CALLBACKS_READ_ALL = "callbacks:read_all"
    CALLBACKS_ASK = "callbacks:ask"
    CALLBACKS_WORK = "callbacks:work"
    MAIL_READ = "mail:read"
    MAIL_WORK = "mail:work"
    MAIL_RAW = "mail:raw"
    MAIL_MANAGE = "mail:manage"
    FILES_READ = "files:read"
    FILES_WRITE = "files:write"
    REPORTS_READ = "reports:read"
    OPERATIONS_READ = "operations:read"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    ROLES_WRITE = "roles:write"
    AUDIT_READ = "audit:read"
    AUDIT_READ_OWN = "audit:read_own"
    COMMANDS_READ = "commands:read"
    COMMANDS_READ_ALL = "commands:read_all"
    DELIVERIES_READ = "deliveries:read"
    DELIVERIES_RETRY = "deliveries:retry"
    TENANTS_READ = "tenants:read"
    TENANTS_WRITE = "tenants:write"

    @property
    def reads(self) -> bool:
        """Whether this permission only lets a person see things; the others let them change something."""
        return self.partition(":")[2] in ("read", "read_all")


_P = Permission

CLIENT = frozenset(
    {
        _P.TICKETS_READ,
        _P.TICKETS_OPEN,
        _P.TICKETS_REPLY,
        _P.CUSTOMERS_READ,
        _P.KYC_READ,
        _P.KYC_SUBMIT,
        _P.QUOTES_READ,
        _P.QUOTES_ACCEPT,
        _P.QUOTES_REQUEST,
        _P.CATALOGUE_READ,
        _P.ORDERS_READ,
        _P.ORDERS_PLACE,
        _P.INVOICES_READ,
        _P.BOOKINGS_READ,
        _P.BOOKINGS_BOOK,
        _P.CALLBACKS_READ,
        _P.CALLBACKS_ASK,
        _P.FILES_READ,
        _P.FILES_WRITE,
        _P.COMMANDS_READ,
        _P.AUDIT_READ_OWN,
    }
)

_STAFF = frozenset(
    {
        _P.TICKETS_READ,
        _P.TICKETS_READ_ALL,
        _P.CUSTOMERS_READ,
        _P.CUSTOMERS_READ_ALL,
        _P.KYC_READ,
        _P.KYC_READ_ALL,
        _P.REVIEWS_READ,
        _P.QUOTES_READ,
        _P.QUOTES_READ_ALL,
        _P.CATALOGUE_READ,
        _P.CATALOGUE_READ_ALL,
        _P.STOCK_READ,
        _P.ORDERS_READ,
        _P.ORDERS_READ_ALL,
        _P.INVOICES_READ,
        _P.INVOICES_READ_ALL,
        _P.BOOKINGS_READ,
        _P.BOOKINGS_READ_ALL,
        _P.CALLBACKS_READ,
        _P.CALLBACKS_READ_ALL,
        _P.FILES_READ,
        _P.FILES_WRITE,
        _P.COMMANDS_READ,
        _P.COMMANDS_READ_ALL,
        _P.DELIVERIES_READ,
        _P.DELIVERIES_RETRY,
        _P.AUDIT_READ_OWN,
        _P.SETTINGS_READ,
        _P.USERS_READ,
    }
)

REVIEWER = _STAFF | {_P.REVIEWS_DECIDE, _P.KYC_DECIDE, _P.CUSTOMERS_ACTIVATE}

AGENT = _STAFF | {
    _P.TICKETS_OPEN,
    _P.TICKETS_OPEN_FOR_OTHERS,
    _P.TICKETS_REPLY,
    _P.TICKETS_NOTE,
    _P.TICKETS_EDIT,
    _P.TICKETS_WORK,
    _P.TICKETS_ASSIGN,
    _P.TICKETS_REOPEN,
    _P.CUSTOMERS_WRITE,
    _P.REVIEWS_DECIDE,
    _P.QUOTES_WRITE,
    _P.STOCK_WRITE,
    _P.ORDERS_PLACE,
    _P.ORDERS_WORK,
    _P.BOOKINGS_BOOK,
    _P.BOOKINGS_WORK,
    _P.CALLBACKS_WORK,
    _P.MAIL_READ,
    _P.MAIL_WORK,
}

MANAGER = (
    AGENT
    | REVIEWER
    | {
        _P.QUOTES_APPROVE,
        _P.CATALOGUE_WRITE,
        _P.BOOKINGS_SET_UP,
        _P.INVOICES_WRITE,
        _P.INVOICES_ISSUE,
        _P.INVOICES_CANCEL,
        _P.INVOICES_RECORD_PAYMENT,
        _P.CUSTOMERS_SUSPEND,
        _P.REPORTS_READ,
        _P.OPERATIONS_READ,
        _P.MAIL_RAW,
    }
)

PLATFORM = frozenset({_P.TENANTS_READ, _P.TENANTS_WRITE})

ADMIN = frozenset(Permission) - PLATFORM

# Permissions above all tenants: no role of a tenant can hold them.
PLATFORM_ROLES: dict[PlatformRole, frozenset[Permission]] = {PlatformRole.SUPERADMIN: PLATFORM}

TENANT_ROLES: dict[str, frozenset[Permission]] = {
    "admin": ADMIN,
    "manager": MANAGER,
    "agent": AGENT,
    "reviewer": REVIEWER,
    "client": CLIENT,
}
