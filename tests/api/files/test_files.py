"""Uploading and fetching files: what is taken, what is refused, and that nothing half-done stays."""

import asyncio
import hashlib
import struct
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from uuid_utils.compat import uuid4

from api.files.downloads import byte_range, content_disposition
from api.http.problems import Problem
from domain.files.states import FileStatus, ScanResult
from models.database import Database
from models.files import StoredFile
from stores.files.scanner import VirusScanner
from tests.api.files.office import Office, open_office, send
from tests.domain.files import samples

AT_ONCE = {"unfinished_after": timedelta(0), "unused_after": timedelta(0)}
MIB = 1024 * 1024


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


async def test_an_upload_tells_what_it_is(fresh: Office) -> None:
    client = await fresh.person("client")
    answer = await client.post("files", files={"file": ("Übersicht.pdf", samples.PDF, "text/html")})
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert set(file) == {"id", "name", "content_type", "size", "sha256", "scan"}
    assert file["name"] == "Übersicht.pdf"
    assert file["content_type"] == "application/pdf"
    assert file["size"] == len(samples.PDF)
    assert file["sha256"] == hashlib.sha256(samples.PDF).hexdigest()
    assert file["scan"] == "skipped"
    assert (await client.get(f"files/{file['id']}/meta")).json() == file
    assert [path.read_bytes() for path in fresh.bytes_on_disk()] == [samples.PDF]


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (samples.JPEG, "a.jpg", "image/jpeg"),
        (samples.png(), "a.png", "image/png"),
        (samples.GIF, "a.gif", "image/gif"),
        (samples.WEBP, "a.webp", "image/webp"),
        (samples.PDF, "a.pdf", "application/pdf"),
        (samples.TEXT, "a.txt", "text/plain"),
        (samples.CSV, "a.csv", "text/csv"),
        (samples.zipped({"a.txt": b"a"}), "a.zip", "application/zip"),
        (
            samples.office(samples.WORD),
            "a.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (samples.office(samples.EXCEL), "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            samples.office(samples.POWERPOINT),
            "a.pptx",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        (samples.PDF, "really a pdf.png", "application/pdf"),
        (b"a" * (6 * MIB), "in several parts.txt", "text/plain"),
    ],
)
async def test_every_allowed_type_comes_back_as_it_went_in(
    office: Office, content: bytes, name: str, expected: str
) -> None:
    client = await office.person("client")
    sent = await send(client, content, name)
    assert sent.status_code == 201, sent.text
    assert sent.json()["content_type"] == expected
    fetched = await client.get(f"files/{sent.json()['id']}")
    assert fetched.status_code == 200
    assert fetched.content == content
    assert fetched.headers["content-type"] == expected
    assert fetched.headers["content-length"] == str(len(content))
    assert fetched.headers["etag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert fetched.headers["x-content-type-options"] == "nosniff"
    assert fetched.headers["content-disposition"].startswith("attachment; ")


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (samples.MZ, "photo.jpg", 415, "file_type_refused"),
        (samples.ELF, "a.txt", 415, "file_type_refused"),
        (samples.SHELL, "a.txt", 415, "file_type_refused"),
        (samples.HTML, "a.txt", 415, "file_type_refused"),
        (samples.SVG, "a.png", 415, "file_type_refused"),
        (samples.TEXT, "a.svg", 415, "file_type_refused"),
        (samples.TEXT, "a.exe", 415, "file_type_refused"),
        (samples.TEXT, "a.pdf", 415, "file_type_refused"),
        (samples.TEXT * 5000 + b"\x00", "late zero.txt", 415, "file_type_refused"),
        (samples.zipped({"setup.exe": samples.MZ}), "a.zip", 415, "file_type_refused"),
        (samples.office(samples.WORD_WITH_MACROS), "a.docx", 415, "file_type_refused"),
        (samples.bomb(30_000_000), "a.zip", 422, "archive_refused"),
        (samples.lying_bomb(4_000_000_000), "a.zip", 422, "archive_refused"),
        (samples.zipped({"a.txt": b"a" * 500})[:-20], "a.zip", 422, "archive_refused"),
        (b"", "a.txt", 422, "file_empty"),
        (samples.TEXT, "../a.txt", 422, "file_name_refused"),
        (samples.TEXT, "..\\a.txt", 422, "file_name_refused"),
        (samples.TEXT, "C:\\temp\\a.txt", 422, "file_name_refused"),
        (samples.TEXT, "\\\\server\\share\\a.txt", 422, "file_name_refused"),
        (samples.TEXT, "/etc/a.txt", 422, "file_name_refused"),
        (samples.TEXT, "a\x00b.txt", 422, "file_name_refused"),
        (samples.TEXT, "a\nb.txt", 422, "file_name_refused"),
        (samples.TEXT, "annual\u202etxt.pdf", 422, "file_name_refused"),
        (samples.TEXT, " ", 422, "file_name_refused"),
        (samples.TEXT, "x" * 300 + ".txt", 422, "file_name_refused"),
    ],
)
async def test_what_is_refused_leaves_nothing(empty: Office, content: bytes, name: str, status: int, code: str) -> None:
    answer = await send(await empty.person("client"), content, name)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["errors"][0]["field"] == "file"
    assert await empty.rows() == []
    assert empty.bytes_on_disk() == []


def form(*parts: tuple[str, bytes], boundary: str = "cut") -> bytes:
    """A form of these parts: the headers of each as text, and its bytes."""
    body = b"".join(f"--{boundary}\r\n{head}\r\n\r\n".encode() + data + b"\r\n" for head, data in parts)
    return body + f"--{boundary}--\r\n".encode()


FILE = 'Content-Disposition: form-data; name="file"; filename="a.txt"'
FORM = "multipart/form-data; boundary=cut"


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


async def test_a_name_that_is_not_utf_8(office: Office) -> None:
    body = form((FILE, b"text")).replace(b"a.txt", b"\xe9.txt")
    answer = await (await office.person("client")).post("files", content=body, headers={"Content-Type": FORM})
    assert (answer.status_code, answer.json()["code"]) == (422, "file_name_refused")


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


async def test_asking_twice_keeps_one_file(fresh: Office) -> None:
    client = await fresh.person("client")
    headers = {"Idempotency-Key": str(uuid4())}
    first, second = await asyncio.gather(
        *(client.post("files", files={"file": ("a.txt", b"text")}, headers=headers) for _ in range(2))
    )
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert len(await fresh.rows()) == len(fresh.bytes_on_disk()) == 1
    other = await client.post("files", files={"file": ("a.txt", b"other")}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert len(await fresh.rows()) == len(fresh.bytes_on_disk()) == 1
    await fresh.sweep(**AT_ONCE)
    gone = await client.post("files", files={"file": ("a.txt", b"text")}, headers=headers)
    assert (gone.status_code, gone.json()["code"]) == (409, "file_gone")
    assert fresh.bytes_on_disk() == []


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


# Attaching, as far as it goes without Temporal: the command is written and waits


def opening(*file_ids: str) -> dict[str, object]:
    return {"subject": "s", "body": "b", "file_ids": list(file_ids)}


async def test_of_two_who_attach_a_file_one_gets_it(office: Office) -> None:
    client = await office.person("client")
    files = [(await send(client, samples.TEXT, f"{n}.txt")).json()["id"] for n in range(4)]
    for first, second in (files[:2], files[2:]):
        answers = await asyncio.gather(
            *(client.post("tickets", json=opening(*ids)) for ids in ((first, second), (second, first), (second,)))
        )
        assert sorted(answer.status_code for answer in answers) == [202, 422, 422]
        for answer in answers:
            if answer.status_code == 422:
                assert answer.json()["code"] == "file_unknown"
                assert answer.json()["errors"][0]["field"].startswith("file_ids.")


async def test_only_what_is_ones_own_and_finished_can_be_attached(office: Office) -> None:
    client, other = await office.person("client"), await office.person("client", "2")
    own = (await send(client, samples.TEXT)).json()["id"]
    foreign = (await send(other, samples.TEXT)).json()["id"]
    unfinished = await a_row(office, client, own)
    for file_id in (foreign, str(unfinished.id), str(uuid4())):
        answer = await client.post("tickets", json=opening(own, file_id))
        assert (answer.status_code, answer.json()["code"]) == (422, "file_unknown")
        assert answer.json()["errors"][0]["field"] == "file_ids.1"
    assert (await client.post("tickets", json=opening(*(str(uuid4()) for _ in range(21))))).status_code == 422
    assert (await client.post("tickets", json=opening("no uuid"))).status_code == 422
    # None of these has used it up.
    assert (await client.post("tickets", json=opening(own, own))).status_code == 202
    assert (await client.post("tickets", json=opening(own))).json()["code"] == "file_unknown"


async def test_what_waits_to_be_posted_is_for_its_uploader_only(fresh: Office) -> None:
    client = await fresh.person("client")
    file_id = (await send(client, samples.TEXT)).json()["id"]
    assert (await client.post("tickets", json=opening(file_id))).status_code == 202
    assert (await (await fresh.person("agent")).get(f"files/{file_id}")).status_code == 404
    assert (await client.get(f"files/{file_id}")).status_code == 200
    # Attached, it is not forgotten, however old.
    await fresh.sweep(**AT_ONCE)
    assert (await client.get(f"files/{file_id}")).status_code == 200


# Crashes: after every step at which an upload can end, the sweep leaves row and bytes, or neither


async def a_row(office: Office, person: httpx2.AsyncClient, like: str) -> StoredFile:
    """The row of an upload that has begun, by the uploader of another file."""
    uploader_id = next(row.uploader_id for row in await office.rows() if str(row.id) == like)
    row = StoredFile(
        id=uuid4(),
        tenant_id=office.tenant_id,
        uploader_id=uploader_id,
        key=f"{office.tenant_id}/{uuid4().hex}",
        name="a",
    )
    async with office.database.transaction(office.tenant_id) as session:
        session.add(row)
    return row


@pytest.mark.parametrize("step", ["row", "part of the bytes", "all of the bytes", "hidden", "bytes gone", "row gone"])
async def test_whatever_step_an_upload_ends_at(fresh: Office, step: str) -> None:
    client = await fresh.person("client")
    kept = (await send(client, samples.TEXT)).json()["id"]
    row = await a_row(fresh, client, kept)

    async def content() -> AsyncIterator[bytes]:
        yield samples.PDF

    if step == "part of the bytes":
        # What obstore's writer leaves in a folder when its process is killed; the test with a real kill shows it.
        (fresh.folder / f"{row.key}#1").write_bytes(samples.PDF[:10])
    elif step != "row":
        await fresh.storage.put(row.key, content())
    if step in {"hidden", "bytes gone"}:
        async with fresh.database.transaction(fresh.tenant_id) as session:
            (await session.get_one(StoredFile, row.id)).status = FileStatus.REMOVING
    if step == "bytes gone":
        await fresh.storage.delete(row.key)
    if step == "row gone":
        async with fresh.database.transaction(fresh.tenant_id) as session:
            await session.delete(await session.get_one(StoredFile, row.id))

    if step not in {"hidden", "bytes gone"}:
        before = (len(await fresh.rows()), fresh.bytes_on_disk())
        await fresh.sweep()
        assert before == (len(await fresh.rows()), fresh.bytes_on_disk()), "what is young may still be on its way"
    await fresh.sweep(unfinished_after=timedelta(0))
    assert [str(left.id) for left in await fresh.rows()] == [kept]
    assert [path.read_bytes() for path in fresh.bytes_on_disk()] == [samples.TEXT]
    assert (await client.get(f"files/{kept}")).content == samples.TEXT


async def test_what_nobody_used_goes_after_a_while(fresh: Office) -> None:
    client = await fresh.person("client")
    used = (await send(client, samples.TEXT)).json()["id"]
    await send(client, samples.PDF, "a.pdf")
    assert (await client.post("tickets", json=opening(used))).status_code == 202
    await fresh.sweep()
    assert len(await fresh.rows()) == len(fresh.bytes_on_disk()) == 2
    await fresh.sweep(unused_after=timedelta(0))
    assert [str(row.id) for row in await fresh.rows()] == [used]
    assert [path.read_bytes() for path in fresh.bytes_on_disk()] == [samples.TEXT]


async def test_an_upload_that_breaks_off_leaves_nothing(empty: Office) -> None:
    class Gone(Exception):
        pass

    client = await empty.person("client")

    async def half() -> AsyncIterator[bytes]:
        yield form((FILE, b"a" * 100_000))[:50_000]
        raise Gone

    with pytest.raises(Gone):
        await client.post("files", content=half(), headers={"Content-Type": FORM})
    assert await empty.rows() == []
    assert empty.bytes_on_disk() == []


async def test_a_storage_that_cannot_be_written_is_said_and_leaves_nothing(fresh: Office) -> None:
    client = await fresh.person("client")
    fresh.folder.rmdir()
    fresh.folder.write_text("in the way")
    answer = await send(client, samples.TEXT)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    fresh.folder.unlink()
    fresh.folder.mkdir()
    await fresh.sweep(**AT_ONCE)
    assert await fresh.rows() == []


# The virus scanner


@asynccontextmanager
async def clamd(answer: bytes, received: bytearray) -> AsyncIterator[str]:
    """A daemon that speaks INSTREAM as clamd(8) describes it; its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        while length := struct.unpack("!L", await reader.readexactly(4))[0]:
            received.extend(await reader.readexactly(length))
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_clean_file_is_clean(database: Database, tmp_path: Path) -> None:
    received = bytearray()
    async with (
        clamd(b"stream: OK\0", received) as address,
        open_office(database, tmp_path, clamd_address=address) as office,
    ):
        answer = await send(await office.person("client"), samples.TEXT)
    assert answer.json()["scan"] == "clean"
    assert bytes(received) == samples.TEXT


async def test_an_infected_file_is_refused_and_removed(database: Database, tmp_path: Path) -> None:
    async with (
        clamd(b"stream: Eicar-Test-Signature FOUND\0", bytearray()) as address,
        open_office(database, tmp_path, clamd_address=address) as office,
    ):
        answer = await send(await office.person("client"), samples.TEXT)
        assert (answer.status_code, answer.json()["code"]) == (422, "file_infected")
        assert await office.rows() == []
        assert office.bytes_on_disk() == []


@pytest.mark.parametrize("address", ["127.0.0.1:1", "unix:/nowhere/clamd.sock"])
async def test_a_file_waits_for_a_scanner_that_is_away(database: Database, tmp_path: Path, address: str) -> None:
    async with open_office(database, tmp_path, clamd_address=address) as office:
        client = await office.person("client")
        clean = (await send(client, samples.TEXT)).json()
        assert clean["scan"] == "pending"
        fetched = await client.get(f"files/{clean['id']}")
        assert (fetched.status_code, fetched.json()["code"]) == (409, "file_scan_pending")
        assert (await client.post("tickets", json=opening(clean["id"]))).status_code == 202
        await office.sweep()
        assert [row.scan for row in await office.rows()] == [ScanResult.PENDING]

        async with clamd(b"stream: OK\0", bytearray()) as back:
            office.scanner = VirusScanner(back)
            await office.sweep()
        assert (await client.get(f"files/{clean['id']}")).content == samples.TEXT


async def test_what_turns_out_infected_later_goes(database: Database, tmp_path: Path) -> None:
    async with open_office(database, tmp_path, clamd_address="127.0.0.1:1") as office:
        client = await office.person("client")
        file_id = (await send(client, samples.TEXT)).json()["id"]
        assert (await client.post("tickets", json=opening(file_id))).status_code == 202
        async with clamd(b"stream: Eicar-Test-Signature FOUND\0", bytearray()) as back:
            office.scanner = VirusScanner(back)
            await office.sweep()
        assert (await client.get(f"files/{file_id}")).status_code == 404
        assert await office.rows() == []
        assert office.bytes_on_disk() == []


async def test_an_answer_that_is_no_verdict(database: Database, tmp_path: Path) -> None:
    for answer in (b"INSTREAM size limit exceeded. ERROR\0", b"", b"nonsense"):
        home = tmp_path / hashlib.sha256(answer).hexdigest()
        async with (
            clamd(answer, bytearray()) as address,
            open_office(database, home, clamd_address=address) as office,
        ):
            sent = await send(await office.person("client"), samples.TEXT)
            assert sent.json()["scan"] == "pending"
