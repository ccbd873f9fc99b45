"""A lifecycle knows another one only through what that one names as its door."""

import grimp
import pytest

from api.registry import KINDS

ROWS = ("activities", "api", "domain", "models", "stores", "workflows")
COLUMNS = {entry.workflow.__module__.split(".")[1] for entry in KINDS.values()}
KNOWS = {
    ("quotes", "quote_requests"),
    ("quote_requests", "quotes"),
    ("orders", "quotes"),
    ("orders", "invoices"),
    ("invoices", "orders"),
    ("invoices", "quotes"),
    ("invoices", "tickets"),
    ("bookings", "tickets"),
}
"""Who goes through whose door."""


@pytest.fixture(scope="module")
def imports() -> set[tuple[str, str]]:
    graph = grimp.build_graph(*ROWS)
    return {(module, known) for module in graph.modules for known in graph.find_modules_directly_imported_by(module)}


def column(module: str) -> str | None:
    """Which lifecycle a module belongs to, None when all use it."""
    row, _, rest = module.partition(".")
    name = rest.partition(".")[0]
    return name if row in ROWS and name in COLUMNS else None


def test_lifecycles_know_each_other_by_their_doors(imports: set[tuple[str, str]]) -> None:
    across = {
        (module, known)
        for module, known in imports
        if (mine := column(module)) and (other := column(known)) and mine != other
    }
    assert across, "nothing is looked at"
    assert [
        f"{module} -> {known}"
        for module, known in sorted(across)
        if not known.endswith(".door") or (column(module), column(known)) not in KNOWS
    ] == []
