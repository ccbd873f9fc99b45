"""A mailroom for each test."""

import pytest

from models.database import Database
from stores.files.storage import FileStorage
from tests.activities.mail.mailroom import Mailroom, new_mailroom


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> FileStorage:
    return FileStorage.at(None, tmp_path_factory.mktemp("mails"))


@pytest.fixture
async def room(database: Database, files: FileStorage) -> Mailroom:
    return await new_mailroom(database, files)
