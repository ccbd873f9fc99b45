"""The operating system's user that Postgres runs as: Postgres refuses to run as root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict


class RunAs(TypedDict, total=False):
    """The arguments of `subprocess` that start a process as another user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class OsUser:
    """A user to run as; `name` is None for the one we already are."""

    name: str | None
    uid: int
    gid: int

    @property
    def run_as(self) -> RunAs:
        """What to pass to `subprocess` to start a process as this user; nothing when that is us."""
        return {} if self.name is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can(self, permission: str, path: Path) -> bool:
        """Whether this user has `permission` (r, w or x) on `path`. It tries, because file modes alone do not tell."""
        return subprocess.run(["test", f"-{permission}", path], cwd="/", check=False, **self.run_as).returncode == 0

    def own(self, path: Path) -> None:
        """Gives `path` itself to this user. Raises `OSError`."""
        os.chown(path, self.uid, self.gid)


def unprivileged_user() -> OsUser:
    """Ourselves, or for root `postgres` where there is such a user and else `nobody`.

    Raises `KeyError` when a root has neither.
    """
    if os.geteuid() != 0:
        return OsUser(None, os.geteuid(), os.getegid())
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        entry = pwd.getpwnam("nobody")
    return OsUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
