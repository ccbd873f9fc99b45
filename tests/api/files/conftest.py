"""Offices to upload to: one that tests share, one that stays empty, and one for a single test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.database import Database
from tests.api.files.office import Office, open_office


@pytest.fixture(scope="module")
async def office(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """Shared by the tests of a module that leave each other's files alone."""
    async with open_office(database, tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture(scope="module")
async def empty(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """Shared by tests whose uploads are all refused: it has no file before or after any of them."""
    async with open_office(database, tmp_path_factory.mktemp("empty")) as office:
        yield office


@pytest.fixture
async def fresh(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    """An office for one test only."""
    async with open_office(database, tmp_path) as office:
        yield office
