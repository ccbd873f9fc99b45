"""Imports one function at once and calls it later, when told to: `python -m ops.on_call ops.seed:seed`.

Importing takes longer than everything else that most starts do. So each process of the stack is started at the very
beginning, imports what it needs while the servers come up, and begins its work at the line that its supervisor writes
when what it stands on is ready.
"""

import gc
import sys
from collections.abc import Callable
from importlib import import_module

from ops.trouble import Trouble
from runtime.garbage import look_rarely


def main() -> None:
    """Imports the function that the argument names, waits for a line on standard input, and calls it."""
    # What is imported is never garbage: collecting it would take a tenth of this time, and more later.
    gc.disable()
    function = imported(sys.argv[1])
    gc.freeze()
    look_rarely()
    if not sys.stdin.readline():
        return  # The supervisor is gone, so nobody will ever tell us to begin.
    carry_out(function)


def imported(name: str) -> Callable[[], object]:
    """The function `module:name`. Raises what importing its module raises."""
    module, _, function = name.partition(":")
    called: Callable[[], object] = getattr(import_module(module), function)
    return called


def carry_out(function: Callable[[], object]) -> None:
    """Calls it. `Trouble` ends the process with its sentence and code 1."""
    try:
        function()
    except Trouble as trouble:
        sys.exit(str(trouble))


if __name__ == "__main__":
    main()
