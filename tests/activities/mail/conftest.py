"""A mailroom for each test, and a mailbox on a real server."""

from collections.abc import AsyncIterator

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


@pytest.fixture(scope="session")
async def imap_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealImap]:
    async with real_imap(tmp_path_factory.mktemp("imap")) as server:
        yield server


@pytest.fixture
def imap(imap_server: RealImap) -> RealImap:
    """The server, on which nothing has come yet."""
    imap_server.empty()
    return imap_server
