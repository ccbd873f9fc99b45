"""No route but the one for files takes a large body, whether its length is announced or not."""

from collections.abc import AsyncIterator

import pytest

from api.http.body_limit import MAX_BODY_BYTES
from models.database import Database
from tests.api.files.office import Office, open_office


@pytest.fixture(scope="module")
async def office(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_office(database, tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.mark.parametrize("announced", [True, False])
async def test_a_large_body_is_refused(office: Office, announced: bool) -> None:
    given = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal given
        for piece in (b'{"subject": "s", "body": "', *[b"a" * 65_536] * 64, b'"}'):
            given += len(piece)
            yield piece

    length = {"Content-Length": str(64 * 65_536 + 28)} if announced else {}
    person = await office.person("client")
    answer = await person.post("tickets", content=pieces(), headers={"Content-Type": "application/json", **length})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert given <= (0 if announced else MAX_BODY_BYTES + 65_536)


async def test_the_limit_is_for_the_path_of_files_only(office: Office) -> None:
    person = await office.person("client")
    for method, path in (("PUT", "files"), ("POST", "files/x"), ("POST", "files/")):
        answer = await person.request(method, path, content=b"a" * (MAX_BODY_BYTES + 1), follow_redirects=False)
        assert answer.status_code == 413
