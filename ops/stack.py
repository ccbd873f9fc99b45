"""The environment of the running stack, so that other commands find it from another terminal."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from ops.atomic_file import write_atomically
from runtime.settings import settings


def write_stack_environment(home: Path, environment: Mapping[str, str]) -> None:
    """Keeps `environment` for `load_stack_environment`, and for a shell's `.` command. Raises `OSError`."""
    lines = (f"{name}={shlex.quote(value)}\n" for name, value in environment.items())
    write_atomically(_kept_in(home), "".join(lines), mode=0o600)


def remove_stack_environment(home: Path) -> None:
    """To be called when the stack has stopped."""
    _kept_in(home).unlink(missing_ok=True)


def load_stack_environment(home: Path) -> bool:
    """Puts the environment of the stack that runs in `home` into ours; what is set already stays.

    Returns whether there is such a stack.
    """
    try:
        kept = _kept_in(home).read_text()
    except FileNotFoundError:
        return False
    for assignment in shlex.split(kept):
        name, _, value = assignment.partition("=")
        os.environ.setdefault(name, value)
    settings.cache_clear()
    return True


def _kept_in(home: Path) -> Path:
    return home / "run" / "stack.env"
