"""Offices to upload to: one for all, one that takes nothing in, one of a test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.database import Database
from tests.api.files.office import Office, open_office


@pytest.fixture(scope="module")
async def office(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """One for all who leave the others' files alone."""
    async with open_office(database, tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture(scope="module")
async def empty(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """One that takes nothing in, and has no file before or after any test."""
    async with open_office(database, tmp_path_factory.mktemp("empty")) as office:
        yield office


@pytest.fixture
async def fresh(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    """One of the test's own."""
    async with open_office(database, tmp_path) as office:
        yield office
