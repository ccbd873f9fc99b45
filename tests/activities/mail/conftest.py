"""A mailroom for each test, and a mailbox on a real server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.database import Database
from stores.files.storage import FileStorage
from tests.activities.mail.imap import RealImap, real_imap
from tests.activities.mail.mailroom import Mailroom, new_mailroom


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> FileStorage:
    return FileStorage.at(None, tmp_path_factory.mktemp("mails"))


@pytest.fixture
async def room(database: Database, files: FileStorage) -> Mailroom:
    return await new_mailroom(database, files)


@pytest.fixture
async def imap(tmp_path: Path) -> AsyncIterator[RealImap]:
    """A server of the test's own."""
    async with real_imap(tmp_path) as server:
        yield server
