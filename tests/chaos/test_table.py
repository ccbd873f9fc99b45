"""The table counts what was found, and blames the fault that came last before it."""

from datetime import UTC, datetime, timedelta

from tests.chaos.storm import Storm, Struck
from tests.chaos.table import COLUMNS, lines_of, table_of
from tests.e2e.findings import Finding, Harm

NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)


def test_a_finding_is_blamed_on_the_last_fault_before_it() -> None:
    storm = Storm(
        struck=[
            Struck("api killed", NOON, [1.0, 3.0]),
            Struck("worker killed", NOON + 2 * A_MINUTE, [5.0]),
            Struck("api killed", NOON + 4 * A_MINUTE, []),
        ],
        findings=[
            Finding(Harm.LOST, "a reply", NOON + A_MINUTE),
            Finding(Harm.LOST, "another", NOON + 5 * A_MINUTE),
            Finding(Harm.STUCK, "a quote", NOON + 3 * A_MINUTE),
            Finding(Harm.ILLEGAL, "a mystery", NOON - A_MINUTE),
        ],
    )
    assert COLUMNS == ("fault", "faults", "lost", "doubled", "illegal", "stuck", "recovery p50", "recovery max")
    assert lines_of(storm) == [
        ("api killed", "2", "2", "0", "0", "0", "1.0 s", "3.0 s"),
        ("before any fault", "0", "0", "0", "1", "0", "-", "-"),
        ("worker killed", "1", "0", "0", "0", "1", "5.0 s", "5.0 s"),
        ("all", "3", "2", "0", "1", "1", "3.0 s", "5.0 s"),
    ]
    assert table_of(storm).row_count == 4
