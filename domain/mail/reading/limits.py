"""Steps of reading that a made-up mail can make endless or break, and what becomes of the mail then."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

T = TypeVar("T")


class TookTooLong(BaseException):
    """A step was given up. No library takes it for an error of its own that it could go on after."""


Limit = Callable[[], AbstractContextManager[object]]
"""Makes a block that `TookTooLong` leaves when it has taken too long. Who reads decides how long that is."""


def tried(step: Callable[[], T], limit: Limit) -> T | None:
    """What a step makes; None where it took too long or broke, so that the mail is read without it."""
    try:
        with limit():
            return step()
    except (TookTooLong, Exception):  # noqa: BLE001
        return None
