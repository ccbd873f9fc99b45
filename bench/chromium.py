"""A browser for tests and figures: one that is named, one of the machine, or one from npm, without root."""

import os
import platform
import shutil
import subprocess
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import brotli
from playwright.async_api import Browser as Chromium
from playwright.async_api import async_playwright

from bench.npm import NODE, NotHad, Package, had

INSTALLED = ("chromium", "google-chrome", "microsoft-edge")
PACKAGED = Package(
    "@sparticuz/chromium",
    "153.0.0",
    "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==",
)
_STARTS_WITHIN_SECONDS = 30
_LAUNCHED_WITHIN_MS = 60_000


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


@asynccontextmanager
async def launched(browser: Browser) -> AsyncIterator[Chromium]:
    """The browser, without a window, during the block."""
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(NODE)
    async with async_playwright() as playwright:
        # Only ever for pages of this machine, so that it starts as root and in containers.
        chromium = await playwright.chromium.launch(
            executable_path=browser.program,
            args=["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"],
            env={**os.environ, **browser.environment},
            timeout=_LAUNCHED_WITHIN_MS,
        )
        try:
            yield chromium
        finally:
            await chromium.close()


def _packaged() -> Browser:
    if platform.machine() != "x86_64":
        raise NoBrowser("no browser is installed, and none is packaged for this machine: apt-get install chromium")
    try:
        place = had(PACKAGED, _unpack)
    except NotHad as away:
        raise NoBrowser(f"no browser is installed, and {away}: apt-get install chromium") from away
    libraries = {"LD_LIBRARY_PATH": str(place / "lib")}
    found = _started(str(place / "chromium"), libraries)
    if found is None:
        raise NoBrowser(f"the browser in {place} does not start: apt-get install chromium")
    return found


def _unpack(package: tarfile.TarFile, place: Path) -> None:
    def part(name: str) -> bytes:
        member = package.extractfile(f"package/bin/{name}.br")
        return brotli.decompress(member.read()) if member else b""

    (place / "chromium").write_bytes(part("chromium"))
    (place / "chromium").chmod(0o755)
    libraries = place / "al2023.tar"
    libraries.write_bytes(part("al2023.tar"))
    shutil.unpack_archive(libraries, place)
    libraries.unlink()


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
