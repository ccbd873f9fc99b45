"""What counting lines costs, when tests run under SlipCover. To be imported before the modules whose lines count."""

from slipcover import pytest_plugin, slipcover

# SlipCover takes its counting out of a line that was reached so often, for which it looks through all modules and
# frames. By its own measure of 50 that was a fifth of what the tests of the API cost; to go on counting is next to
# nothing.
_COUNTED = 100_000

if counting := pytest_plugin._slipcover_instance:
    counting.d_miss_threshold = _COUNTED
    # A line of nothing but annotations runs when its module is imported, and counts. To find those lines took a fifth
    # of the time in which each process gets ready.
    slipcover._get_annotation_only_lines = lambda _: frozenset()


def add_up_only() -> None:
    """For who only hands out tests: those who run them look for the lines of all files, which takes seconds."""
    slipcover.Slipcover._add_unseen_source_files = lambda *_: None
