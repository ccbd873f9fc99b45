"""What is written into the audit, as a sentence."""

from typing import Any

from web.http.rendering import gettext
from web.http.visits import Visit


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


SENTENCES = {
    "account.edited": _("Changed the account"),
    "account.logged_out": _("Logged out"),
    "account.logged_out_elsewhere": _("Logged out everywhere else"),
    "account.logged_out_everywhere": _("Logged out everywhere"),
    "account.registered": _("Registered"),
    "email.verified": _("Confirmed the e-mail address"),
    "login.succeeded": _("Logged in"),
    "login.refused": _("Was refused at logging in"),
    "login.switched": _("Came from another house"),
    "login.token_reused": _("A used token came again, and its session was ended"),
    "password.changed": _("Changed the password"),
    "password.reset": _("Set a new password by a mailed link"),
    "permission.refused": _("Was refused for want of a right"),
    "user.changed": _("Changed somebody's roles, customer or absence"),
    "user.invited": _("Invited somebody"),
    "user.invitation_withdrawn": _("Took an invitation back"),
    "user.joined": _("Joined the house"),
    "user.removed": _("Took somebody out of the house"),
    "role.created": _("Made a role"),
    "role.replaced": _("Changed a role"),
    "role.deleted": _("Deleted a role"),
    "group.created": _("Made a group"),
    "group.replaced": _("Changed a group"),
    "group.deleted": _("Deleted a group"),
    "category.created": _("Made a category"),
    "category.replaced": _("Changed a category"),
    "category.deleted": _("Deleted a category"),
    "calendar.created": _("Made a calendar"),
    "calendar.replaced": _("Changed a calendar"),
    "calendar.deleted": _("Deleted a calendar"),
    "sla_policy.created": _("Made a service level"),
    "sla_policy.replaced": _("Changed a service level"),
    "sla_policy.deleted": _("Deleted a service level"),
    "settings.changed": _("Changed the house's settings"),
    "tenant.created": _("Made a house"),
    "customer.created": _("Made a customer"),
    "customer.edited": _("Changed a customer"),
    "customer.moved": _("Changed a customer's standing"),
    "ticket.edited": _("Changed a ticket's subject or category"),
    "file.uploaded": _("Handed in a file"),
    "kyc_document.downloaded": _("Opened a document of an identity check"),
    "kyc_document.seen": _("Looked at a document of an identity check"),
    "delivery.retried": _("Had a delivery tried again"),
}


def said(visit: Visit, action: str) -> str:
    """What was done, by the word that the audit keeps for it; words for which there is no sentence are shown as they
    are."""
    if action in SENTENCES:
        return gettext(visit, SENTENCES[action])
    what, _, done = action.replace("_", " ").partition(".")
    return f"{what}: {done}".strip(": ")


AREAS = {
    "login": _("Logins"),
    "password": _("Passwords"),
    "permission": _("Refused"),
    "user": _("People"),
    "role": _("Roles"),
    "settings": _("Settings"),
    "calendar": _("Calendars"),
    "sla_policy": _("Service levels"),
}


def value(visit: Visit, detail: Any) -> str:
    """What the audit keeps of one field; of one that changed, what it was and became."""
    if isinstance(detail, dict) and detail.keys() == {"before", "after"}:
        return gettext(
            visit, "%(before)s, then %(after)s", before=_plain(detail["before"]), after=_plain(detail["after"])
        )
    return _plain(detail)


def _plain(given: Any) -> str:
    if isinstance(given, list):
        return ", ".join(map(_plain, given)) or "-"
    if isinstance(given, dict):
        return ", ".join(f"{name}: {_plain(each)}" for name, each in given.items()) or "-"
    return "-" if given is None else str(given)
