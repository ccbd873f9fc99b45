"""Files as pictures, PDFs too, for those who have to look at a stranger's papers and should not have to open them."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

_CHILD = Path(__file__).with_name("picture_child.py")
_WITHIN_SECONDS = 20.0
_AT_ONCE = asyncio.Semaphore(2)


class NoPicture(Exception):
    """The file cannot be drawn: it is broken, of another kind, or takes too much."""


async def picture_of(content: bytes) -> bytes:
    """The file as one JPEG, the pages of a PDF one below the other, ten at most. Raises NoPicture.

    A process of its own draws it, with limits: a hostile file costs that process and nothing else.
    """
    async with _AT_ONCE:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(_CHILD)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        try:
            async with asyncio.timeout(_WITHIN_SECONDS):
                picture, _ = await child.communicate(content)
        except TimeoutError:
            raise NoPicture from None
        finally:
            with suppress(ProcessLookupError):
                child.kill()
    if child.returncode or not picture:
        raise NoPicture
    return picture
