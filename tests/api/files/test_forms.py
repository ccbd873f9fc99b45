"""The form that brings a file: malformed ones, tiny pieces, and the size limit while it streams."""

import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.database import Database
from tests.api.files.forms import FILE, FORM, form
from tests.api.files.office import Office, open_office, send
from tests.domain.files import samples

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{}", "application/json", 415, "multipart_expected"),
        (b"", "", 415, "multipart_expected"),
        (b"", "multipart/form-data", 400, "multipart_malformed"),
        (b"", f"multipart/form-data; boundary={'b' * 300}", 400, "multipart_malformed"),
        (b"garbage", FORM, 400, "multipart_malformed"),
        (b"", FORM, 400, "multipart_malformed"),
        (form((FILE, b"text"))[:-8], FORM, 400, "multipart_malformed"),
        (form(("No colon in here", b"text")), FORM, 400, "multipart_malformed"),
        (form((f"X-Long: {'x' * 10_000}", b"text")), FORM, 400, "multipart_malformed"),
        (form(), FORM, 422, "missing"),
        (form(('Content-Disposition: form-data; name="other"; filename="a.txt"', b"t")), FORM, 422, "unknown_field"),
        (form((FILE, b"text"), (FILE, b"more")), FORM, 422, "unknown_field"),
        (form((FILE, b"text"), ('Content-Disposition: form-data; name="x"', b"1")), FORM, 422, "unknown_field"),
        (form(('Content-Disposition: form-data; name="file"', b"text")), FORM, 422, "file_name_refused"),
        (form(("Content-Type: text/plain", b"text")), FORM, 422, "unknown_field"),
    ],
)
async def test_forms_that_are_not_right(empty: Office, body: bytes, content_type: str, status: int, code: str) -> None:
    client = await empty.person("client")
    answer = await client.post("files", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == status, answer.text
    assert answer.json()["code"] == code
    assert await empty.rows() == []
    assert empty.bytes_on_disk() == []


async def test_a_file_in_pieces_of_one_byte(office: Office) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        for byte in form((FILE, samples.TEXT)):
            yield bytes([byte])

    answer = await (await office.person("client")).post("files", content=trickle(), headers={"Content-Type": FORM})
    assert answer.status_code == 201, answer.text
    assert answer.json()["sha256"] == hashlib.sha256(samples.TEXT).hexdigest()


async def test_the_limit_bites_while_the_file_streams(empty: Office) -> None:
    """200 MB without a length: refused after little more than the limit, and never held."""
    client = await empty.person("client")
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        yield form((FILE, b""))[: -len("\r\n--cut--\r\n")]
        piece = b"a" * 65_536
        for _ in range(200 * MIB // len(piece)):
            given += len(piece)
            yield piece

    tracemalloc.start()
    try:
        answer = await client.post("files", content=endless(), headers={"Content-Type": FORM})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 413
    assert answer.json()["code"] == "file_too_large"
    assert given < 21 * MIB
    assert peak < 8 * MIB
    assert await empty.rows() == []
    assert empty.bytes_on_disk() == []


async def test_an_announced_length_is_refused_unread(office: Office) -> None:
    client = await office.person("client")
    read = False

    async def unread() -> AsyncIterator[bytes]:
        nonlocal read
        read = True
        yield b""

    headers = {"Content-Type": FORM, "Content-Length": str(200 * MIB)}
    answer = await client.post("files", content=unread(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert not read


async def test_the_limit_is_exact(database: Database, tmp_path: Path) -> None:
    async with open_office(database, tmp_path, file_max_bytes=100_000) as office:
        client = await office.person("client")
        assert (await send(client, b"a" * 100_000)).status_code == 201
        assert (await send(client, b"a" * 100_001)).json()["code"] == "file_too_large"


async def test_an_endless_preamble_is_refused(office: Office) -> None:
    async def blanks() -> AsyncIterator[bytes]:
        yield form((FILE, b"text"))
        for _ in range(1000):
            yield b"\r\n" * 32_768

    answer = await (await office.person("client")).post("files", content=blanks(), headers={"Content-Type": FORM})
    assert answer.status_code == 413
