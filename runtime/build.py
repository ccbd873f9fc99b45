"""Which code this process runs: the package's version, and a build that changes when what carries out cases does."""

import hashlib
from functools import cache
from importlib import import_module
from importlib.metadata import version as version_of_package
from pathlib import Path

from runtime.settings import Settings

# The code that replays histories and carries out steps.
_REPLAYED = ("workflows", "activities", "domain")


def version() -> str:
    """The version of the installed package."""
    return version_of_package("casewright")


def build_of(settings: Settings) -> str:
    """The build of this code: by the settings, else the package's version with a digest of the code."""
    return settings.build_id or f"{version()}-{digest_of_code()}"


@cache
def digest_of_code() -> str:
    """Eight characters that change when the code does, and only then. It is looked at once in a process."""
    digest = hashlib.sha256()
    for package in _REPLAYED:
        folder = Path(import_module(package).__file__ or "").parent
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{package}/{path.relative_to(folder).as_posix()}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:8]
