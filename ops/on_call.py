"""Imports one function at once and calls it later, when told to: `python -m ops.on_call web.main:main`.

Importing the API takes longer than everything else that a start does. So each process of the stack is started at the
very beginning, imports what it needs while the servers come up, and begins its work at the line that its supervisor
writes when what it stands on is ready.
"""

import gc
import sys
from importlib import import_module

from ops.trouble import Trouble


def main() -> None:
    """Imports the function that the argument names, waits for a line on standard input, and calls it."""
    module, _, name = sys.argv[1].partition(":")
    # What is imported is never garbage: collecting it would take a tenth of this time, and more later.
    gc.disable()
    function = getattr(import_module(module), name)
    gc.freeze()
    gc.enable()
    if not sys.stdin.readline():
        return  # The supervisor is gone, so nobody will ever tell us to begin.
    try:
        function()
    except Trouble as trouble:
        sys.exit(str(trouble))


if __name__ == "__main__":
    main()
