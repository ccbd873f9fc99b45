"""How often a process looks for garbage."""

import gc

_YOUNG = 25_000
_OLDER = 10


def collect_rarely() -> None:
    """For a process that runs for long: leaves what is there now out of every search, and looks rarely from then on."""
    gc.collect()
    gc.freeze()
    look_rarely()


def look_rarely() -> None:
    """Looks for garbage from now on, but less often than by Python's own measure, which is 700 new objects.

    A worker keeps thousands of workflows, which are never garbage while they are kept: a tenth of its time went into
    looking through them, and pauses of up to half a second.
    """
    gc.set_threshold(_YOUNG, _OLDER, _OLDER)
    gc.enable()
