"""Starts processes that end when this one ends, however it ends."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ops.embedded.os_user import RunAs

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Command:
    """What to run, with which environment (all of it) and as whom.

    `death_signal` reaches it when its parent dies. One that is `on_call` begins its work when told to by `call`.
    """

    argv: Sequence[str]
    environment: Mapping[str, str]
    run_as: RunAs = field(default_factory=RunAs)
    death_signal: signal.Signals = signal.SIGKILL
    on_call: bool = False


def start(command: Command, log: Path) -> subprocess.Popen[bytes]:
    """Starts `command` in a session of its own, its output appended to `log`. Raises `OSError`.

    To be called from the main thread: Linux counts the death of the thread that forked as the death of the parent.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            command.argv,
            env=command.environment,
            stdin=subprocess.PIPE if command.on_call else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A Ctrl-C in the terminal is for the supervisor, which stops its children in order.
            start_new_session=True,
            preexec_fn=end_with_parent(command.death_signal, os.getpid()),
            **command.run_as,
        )


def call(process: subprocess.Popen[bytes]) -> None:
    """Tells a process that is on call to begin; one that is not, or that has ended, is left alone."""
    if process.stdin is not None:
        with suppress(BrokenPipeError), process.stdin as told:
            told.write(b"begin\n")


def end_with_parent(with_signal: signal.Signals, parent: int) -> Callable[[], None]:
    """A function that makes the process that calls it receive `with_signal` once the process `parent` has died.

    Only Linux can do this; elsewhere the function does nothing, and the next start ends what was left over.
    """
    if sys.platform != "linux":
        return _do_nothing
    # Looked up before the fork: after it, the child of a process with threads may do very little.
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
        if os.getppid() != parent:
            # The parent died before this was asked for.
            os.kill(os.getpid(), with_signal)

    return ask


def _do_nothing() -> None: ...
