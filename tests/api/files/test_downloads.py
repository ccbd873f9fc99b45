"""Fetching files: who may, ranges, conditions, and the names in headers."""

import hashlib
from pathlib import Path

import httpx2
import pytest
from uuid_utils.compat import uuid4

from api.files.downloads import byte_range, content_disposition
from api.http.problems import Problem
from models.database import Database
from tests.api.files.office import Office, open_office, send
from tests.domain.files import samples


async def test_only_the_uploader_sees_a_file_that_is_attached_to_nothing(
    office: Office, database: Database, tmp_path: Path
) -> None:
    client = await office.person("client")
    file_id = (await send(client, samples.TEXT)).json()["id"]
    async with open_office(database, tmp_path / "other") as foreign:
        strangers = [
            await office.person("client", "2"),
            await office.person("agent"),
            await foreign.person("client"),
            await foreign.person("agent"),
        ]
        for stranger in strangers:
            for path in (f"files/{file_id}", f"files/{file_id}/meta"):
                answer = await stranger.get(path)
                assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    for path in (f"files/{uuid4()}", f"files/{uuid4()}/meta"):
        assert (await client.get(path)).status_code == 404
    assert (await client.get("files/no-uuid")).status_code == 422
    assert (await office.client().get(f"files/{file_id}")).status_code == 401
    assert (await office.client().post("files", files={"file": ("a.txt", b"a")})).status_code == 401


async def test_ranges_and_conditions(office: Office) -> None:
    client = await office.person("client")
    content = bytes(range(32, 127)) * 3000
    file_id = (await send(client, content)).json()["id"]
    etag = f'"{hashlib.sha256(content).hexdigest()}"'

    async def get(**headers: str) -> httpx2.Response:
        return await client.get(f"files/{file_id}", headers={n.replace("_", "-"): v for n, v in headers.items()})

    part = await get(Range="bytes=100-199")
    assert part.status_code == 206
    assert part.content == content[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(content)}"
    assert part.headers["content-length"] == "100"
    assert (await get(Range="bytes=-5")).content == content[-5:]
    assert (await get(Range=f"bytes={len(content) - 1}-")).content == content[-1:]
    assert (await get(Range="bytes=0-1", If_Range=etag)).status_code == 206
    assert (await get(Range="bytes=0-1", If_Range='"other"')).content == content
    assert (await get(Range="bytes=0-1,5-6")).content == content
    assert (await get(Range="pages=1-2")).status_code == 200
    beyond = await get(Range=f"bytes={len(content)}-")
    assert (beyond.status_code, beyond.json()["code"]) == (416, "range_not_satisfiable")
    assert beyond.headers["content-range"] == f"bytes */{len(content)}"
    known = await get(If_None_Match=f'"x", W/{etag}')
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", etag)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=a-b", None),
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 10)),
        ("bytes=3-99999", (3, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-30", (0, 10)),
    ],
)
def test_byte_ranges(header: str, expected: tuple[int, int] | None) -> None:
    assert byte_range(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_byte_ranges_beyond_the_end(header: str) -> None:
    with pytest.raises(Problem):
        byte_range(header, 10)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a b.txt", 'attachment; filename="a b.txt"'),
        ("Über.pdf", "attachment; filename=\"Uber.pdf\"; filename*=UTF-8''%C3%9Cber.pdf"),
        ('say "hi"; x.txt', "attachment; filename=\"say _hi_; x.txt\"; filename*=UTF-8''say%20%22hi%22%3B%20x.txt"),
        ("100%.txt", "attachment; filename=\"100_.txt\"; filename*=UTF-8''100%25.txt"),
        ("عقد.pdf", "attachment; filename=\".pdf\"; filename*=UTF-8''%D8%B9%D9%82%D8%AF.pdf"),
    ],
)
def test_names_travel_in_headers(name: str, expected: str) -> None:
    assert content_disposition(name) == expected
