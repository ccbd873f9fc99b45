"""The CPU time that each process of the running stack has used."""

from collections.abc import Callable, Mapping

import psutil

PARTS = {"api": "api", "worker": "worker", "engine": "temporal", "postgres": "postgres"}
"""The parts that are measured, each with the supervisor's name for its process."""

ReadCpu = Callable[[], Mapping[str, float]]
"""Milliseconds of CPU time, user and system, that each part has used so far; parts that run elsewhere are missing."""


def cpu_of(process_of: Callable[[str], psutil.Process | None]) -> ReadCpu:
    """Reads the time of the stack's processes, by the names that `process_of` knows, their children's included."""

    def read() -> dict[str, float]:
        found = ((part, process_of(name)) for part, name in PARTS.items())
        return {part: _milliseconds(process) for part, process in found if process is not None}

    return read


def _milliseconds(process: psutil.Process) -> float:
    # The parent last: it takes over the time of a child that has ended meanwhile.
    return sum(_used(member) for member in (*process.children(recursive=True), process)) * 1000


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)
