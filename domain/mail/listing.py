"""What staff have said of an address, or of a whole domain."""

from collections.abc import Mapping
from enum import StrEnum


class Listed(StrEnum):
    """`allowed` mail is never spam, `blocked` always; what comes from a `form` is its Reply-To's."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    FORM = "form"


def entries_for(address: str) -> tuple[str, str]:
    """Under what an address may be listed: itself first, then its domain as `@example.com`."""
    return address, f"@{address.rpartition('@')[2]}"


def listed(address: str, found: Mapping[str, Listed]) -> Listed | None:
    """What holds of an address by the entries that were found; its own goes before its domain's."""
    return next((found[entry] for entry in entries_for(address) if entry in found), None)
