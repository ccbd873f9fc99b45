"""The folder that holds all state of one installation, with a lock so that only one supervisor at a time works in
it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile

from ops.trouble import Trouble

_ROTATE_ABOVE_BYTES = 5_000_000


class UnusableHome(Trouble):
    """Nothing can be kept in this home."""


class AlreadyRunning(Trouble):
    """Another supervisor works in this home."""


@dataclass(frozen=True)
class Home:
    """The folders of an installation; `path` is absolute."""

    path: Path

    @property
    def logs(self) -> Path:
        """One `<name>.log` for each part."""
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """What is true only while the stack runs: the lock, the processes, the environment."""
        return self.path / "run"

    def make(self) -> None:
        """Makes the folders that are missing. Raises `UnusableHome`."""
        for folder in (self.logs, self.run):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                with TemporaryFile(dir=folder):
                    pass
            except OSError as refused:
                raise UnusableHome(
                    f"CASEWRIGHT_HOME is {self.path}, and {folder} cannot be written: {refused.strerror}."
                ) from refused

    def rotate_logs(self) -> None:
        """Puts long logs aside, as `<name>.log.1` in place of the one that was put aside before. Raises `OSError`.

        Who writes to a log goes on at its new end: what is put aside is a copy, and the file itself is emptied.
        """
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > _ROTATE_ABOVE_BYTES:
                with log.open("rb") as whole, log.with_suffix(".log.1").open("wb") as aside:
                    copyfileobj(whole, aside)
                    os.truncate(log, 0)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps every other supervisor out of this home during the block. Raises `AlreadyRunning`.

        The lock is the kernel's and ends with the process, so a file left by one that was killed blocks nobody.
        """
        with (self.run / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as held:
                file.seek(0)
                raise AlreadyRunning(
                    f"Casewright is already running in {self.path} (process {file.read().strip() or 'unknown'}). "
                    "Stop it first, or set CASEWRIGHT_HOME and the ports to run another beside it."
                ) from held
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield
