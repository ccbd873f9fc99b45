"""The states of a file: its upload, the virus scanner's verdict, and how long it may stay unused."""

from datetime import timedelta
from enum import StrEnum

UNFINISHED_AFTER = timedelta(hours=1)
"""No upload may take as long as this, so an older one that is not finished was cut off."""

UNUSED_AFTER = timedelta(days=1)
"""A finished file that was attached to nothing for so long is taken for forgotten, and removed."""

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
