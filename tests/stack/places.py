"""Where tests run, and in which order: what takes seconds to start is shared by those at one place."""

PLACES = {
    "tests/ops/test_demo.py": "the stack",
    "tests/ops/test_bench.py": "the stack",
    "tests/ops/test_alerts.py": "the stack",
    "tests/ops/test_fast_forward.py": "the stack",
    "tests/e2e/test_rolling_out.py": "a stack of its own",
    "tests/e2e/": "the stack",
    "tests/web/": "the stack of the pages",
    "tests/browser/": "the stack of the pages",
    "tests/workflows/parts/": None,
    "tests/workflows/": "the engine that skips time",
    "tests/rollouts/": "the real engine",
}
"""Where tests are that share what takes seconds to start: the first beginning counts. Any other file is a place."""

STACKS = ("the stack", "the stack of the pages")
ORDER = (*STACKS, "the real engine", "a stack of its own", "the engine that skips time")
"""The longest first, so that none is begun when the rest is done. The others are one process's, after each other: those
that wait run while the stacks' tests have most to do, and those of the time that is skipped, which never wait, last."""

LONG_FILES = "tests/workflows/parts/"
"""Of the other files these take longest: they wait for engines of their own."""


def place_of(nodeid: str) -> str:
    """The place that a test is in."""
    file = nodeid.partition("::")[0]
    return next((place for beginning, place in PLACES.items() if file.startswith(beginning)), None) or file
