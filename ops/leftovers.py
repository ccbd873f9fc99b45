"""Ending what a supervisor that was killed left behind, and never anything else.

Each child is written down in `$CASEWRIGHT_HOME/run/<name>.json` with its process id and the moment it was created. A
process id is used again by the system; together with that moment it is not.
"""

import json
import signal
from pathlib import Path

import psutil

from ops.atomic_file import write_atomically

_PATIENCE_SECONDS = 5.0
# The system computes the moment of creation from the boot time, which moves a little when the clock is corrected.
_CLOCK_SLACK_SECONDS = 2.0


def remember(record: Path, pid: int, stop_signal: signal.Signals) -> None:
    """Writes down a child that is running, and the signal that asks it to stop. Raises `OSError`."""
    try:
        created = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return
    kept = {"pid": pid, "created": created, "stop_signal": int(stop_signal)}
    write_atomically(record, json.dumps(kept) + "\n")


def forget(record: Path) -> None:
    """Removes what `remember` wrote."""
    record.unlink(missing_ok=True)


def remembered(record: Path) -> psutil.Process | None:
    """The child that `record` remembers, if there is such a record and the child still lives."""
    kept = _kept(record)
    return kept[0] if kept else None


def end_leftovers(records: Path) -> list[str]:
    """Ends the children that `records` (a folder) remembers and that still live; returns their names."""
    ended = []
    for record in sorted(records.glob("*.json")):
        if _end(record):
            ended.append(record.stem)
        forget(record)
    return ended


def _kept(record: Path) -> tuple[psutil.Process, int] | None:
    """A child that still lives, and the signal that asks it to stop."""
    try:
        kept = json.loads(record.read_text())
        process = psutil.Process(kept["pid"])
        if abs(process.create_time() - kept["created"]) > _CLOCK_SLACK_SECONDS:
            return None
        return process, kept["stop_signal"]
    except (FileNotFoundError, ValueError, KeyError, TypeError, psutil.NoSuchProcess):
        return None


def _end(record: Path) -> bool:
    kept = _kept(record)
    if kept is None:
        return False
    process, stop_signal = kept
    try:
        family = [process, *process.children(recursive=True)]
        process.send_signal(stop_signal)
    except psutil.NoSuchProcess:
        return False
    _, stubborn = psutil.wait_procs(family, timeout=_PATIENCE_SECONDS)
    for member in stubborn:
        # psutil compares the moment of creation again before it sends.
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(stubborn, timeout=_PATIENCE_SECONDS)
    return True
