"""The words of files: how far one has come in, what the virus scanner said, and how long one may stay unused."""

from datetime import timedelta
from enum import StrEnum

UNFINISHED_AFTER = timedelta(hours=1)
"""An upload that is older and not finished was cut off: none may take as long as this."""

UNUSED_AFTER = timedelta(days=1)
"""A finished file that was attached to nothing for so long was forgotten by who uploaded it."""

MAX_FILES_PER_MESSAGE = 20


class FileStatus(StrEnum):
    """`removing` files are gone for everybody; their bytes, then their row, are about to go."""

    UPLOADING = "uploading"
    STORED = "stored"
    REMOVING = "removing"


class ScanResult(StrEnum):
    """`skipped` where no scanner is set up; `pending` where it has not answered yet: nobody may fetch that file."""

    CLEAN = "clean"
    INFECTED = "infected"
    PENDING = "pending"
    SKIPPED = "skipped"
