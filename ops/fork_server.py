"""Runs functions in forks of itself: `python -m ops.fork_server web.serving:serve workers.working:work_as_set`.

The API and the worker import nearly the same, and importing it takes longer than everything else that their start does.
So one process imports it, while the servers come up, and each of them is a fork of it, whose memory is shared as long
as nobody writes there. One that has crashed is back without importing anything again.

Who wants something writes a line of JSON to standard input, and is answered by lines on standard output: `{}` by
`{"ready": true}`; `{"number", "function", "environment", "log"}` by `{"began", "pid"}`, with its number, and when the
fork has ended by `{"ended", "code"}`, with that process id, where a negative code is the signal that ended it. What
forks print goes to their `log`. They end when this process ends.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ops.on_call import carry_out, imported
from ops.process import end_with_parent
from runtime.build import digest_of_code
from runtime.garbage import look_rarely


def main() -> None:
    """Imports the functions that the arguments name, and serves until standard input ends."""
    # What is printed by what is imported belongs into our log.
    answers = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    gc.disable()
    functions = {name: imported(name) for name in sys.argv[1:]}
    # Of the code that was imported just now: by the time of a later start there may be other code on the disk.
    digest_of_code()
    gc.freeze()
    end_with_us = end_with_parent(signal.SIGKILL, os.getpid())
    signal.signal(signal.SIGCHLD, lambda *_: _tell_who_has_ended(answers))
    for line in iter(sys.stdin.readline, ""):
        wanted = json.loads(line)
        if not wanted:
            _tell(answers, {"ready": True})
            continue
        pid = os.fork()
        if pid == 0:
            os.close(answers)
            _become(wanted, end_with_us)
            carry_out(functions[wanted["function"]])
            return
        _tell(answers, {"began": wanted["number"], "pid": pid})


def _become(wanted: dict[str, Any], end_with_us: Callable[[], None]) -> None:
    """Makes a fork what `subprocess` makes of a process that it starts: nothing of ours is left to it but the code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    end_with_us()
    with open(wanted["log"], "ab") as output, open(os.devnull, "rb") as nothing:
        for here, there in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(here.fileno(), there)
    # Ours may have read on, to what is wanted next.
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  it stays open
    os.environ.clear()
    os.environ.update(wanted["environment"])
    look_rarely()


def _tell_who_has_ended(answers: int) -> None:
    # One signal may stand for several of them.
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            _tell(answers, {"ended": ended[0], "code": os.waitstatus_to_exitcode(ended[1])})


def _tell(answers: int, what: dict[str, Any]) -> None:
    # In one write, so that an end that is told meanwhile does not come into the middle of it.
    os.write(answers, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
