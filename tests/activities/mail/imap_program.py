"""The IMAP server as a function: imported once, it is started in a fork for each test that needs one."""

import json
import os
import sys

from pymap.backend import maildir  # noqa: F401  by its name it would be imported again and again
from pymap.main import main


def serve() -> None:
    """Serves as the command line in the environment says, until it is killed."""
    sys.argv = json.loads(os.environ["COMMAND_LINE"])
    sys.exit(main())
