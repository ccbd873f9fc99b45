"""What roles are called: those that every house starts with in the visitor's language, until a house renames them."""

from api.identity.schemas.users import RoleView
from web.http.rendering import gettext
from web.http.visits import Visit


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


NAMES = {
    "admin": _("Admin"),
    "manager": _("Manager"),
    "agent": _("Agent"),
    "reviewer": _("Reviewer"),
    "client": _("Client"),
}
"""The names with which a house starts, by the roles' keys."""


def called(visit: Visit, role: RoleView) -> RoleView:
    """The role by the name that the visitor reads."""
    if NAMES.get(role.key) != role.name:
        return role
    return role.model_copy(update={"name": gettext(visit, role.name)})
