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
from typing import Protocol

from ops.embedded.os_user import RunAs

_PR_SET_PDEATHSIG = 1


class Child(Protocol):
    """A process that was started, as `subprocess.Popen` shows one."""

    @property
    def pid(self) -> int | None:
        """Its process id; None as long as it has none yet."""

    @property
    def returncode(self) -> int | None:
        """What `poll` found last: how it ended, as a negative number the signal that ended it."""

    def poll(self) -> int | None:
        """Looks whether it has ended; returns how, None while it runs."""

    def send_signal(self, sig: int, /) -> None:
        """Sends it a signal, unless it has ended."""

    def begin(self) -> None:
        """Tells one that is on call to begin its work; any other is left alone."""


class Startable(Protocol):
    """What can be started."""

    def start(self, log: Path) -> Child:
        """Starts it, its output appended to `log`. Raises `OSError` or `Trouble`."""


class Process(subprocess.Popen[bytes]):
    """A process of the system."""

    def begin(self) -> None:
        """It has begun when it was started."""


class OnCall(Process):
    """A process that waits for a line on standard input."""

    def begin(self) -> None:
        """Tells it to begin; one that has ended is left alone."""
        if self.stdin is not None:
            with suppress(BrokenPipeError), self.stdin as told:
                told.write(b"begin\n")


@dataclass(frozen=True)
class Command:
    """What to run, with which environment (all of it) and as whom.

    `death_signal` reaches it when its parent dies. One that is `on_call` begins its work when told to. With one that
    `talks` we talk by its standard input and output, and only its errors are logged.
    """

    argv: Sequence[str]
    environment: Mapping[str, str]
    run_as: RunAs = field(default_factory=RunAs)
    death_signal: signal.Signals = signal.SIGKILL
    on_call: bool = False
    talks: bool = False

    def start(self, log: Path) -> Process:
        """Starts it in a session of its own, its output appended to `log`. Raises `OSError`.

        To be called from the main thread: Linux counts the death of the thread that forked as the death of the parent.
        """
        with log.open("ab") as output:
            return (OnCall if self.on_call else Process)(
                self.argv,
                env=self.environment,
                stdin=subprocess.PIPE if self.on_call or self.talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if self.talks else output,
                stderr=output,
                bufsize=0,
                # A Ctrl-C in the terminal is for the supervisor, which stops its children in order.
                start_new_session=True,
                preexec_fn=end_with_parent(self.death_signal, os.getpid()),
                **self.run_as,
            )


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
