"""The storm as a table: a row for each fault, and one for all."""

from collections.abc import Sequence

from rich.table import Table

from bench.load import percentile
from tests.chaos.storm import Storm, Struck
from tests.e2e.findings import Finding, Harm

COLUMNS = ("fault", "faults", *(harm.value for harm in Harm), "recovery p50", "recovery max")


def lines_of(storm: Storm) -> list[tuple[str, ...]]:
    """What the table says, in the order of `COLUMNS`; the last line is the sum."""
    names = dict.fromkeys(struck.fault for struck in storm.struck)
    blamed = [(storm.blamed(finding), finding) for finding in storm.findings]
    names |= dict.fromkeys(name for name, _ in blamed)
    rows = [
        _line(
            name,
            [struck for struck in storm.struck if struck.fault == name],
            [finding for blame, finding in blamed if blame == name],
        )
        for name in sorted(names)
    ]
    return [*rows, _line("all", storm.struck, storm.findings)]


def table_of(storm: Storm) -> Table:
    """The same, to look at."""
    table = Table(title=f"{storm.cases} cases, {len(storm.ledger.answers)} answers, {storm.ledger.missed} without one")
    for number, column in enumerate(COLUMNS):
        table.add_column(column, justify="right" if number else "left")
    *rows, total = lines_of(storm)
    for row in rows:
        table.add_row(*row)
    table.add_section()
    table.add_row(*total)
    return table


def _line(name: str, struck: Sequence[Struck], findings: Sequence[Finding]) -> tuple[str, ...]:
    seconds = [each for one in struck for each in one.recovery]
    counts = [str(sum(finding.harm is harm for finding in findings)) for harm in Harm]
    times = (percentile(seconds, 50), max(seconds)) if seconds else ()
    return (name, str(len(struck)), *counts, *([f"{each:.1f} s" for each in times] or ["-", "-"]))
