"""Uploading: which files are taken and come back as they went in, and which are refused and leave nothing."""

import asyncio
import hashlib

import pytest
from uuid_utils.compat import uuid4

from tests.api.files.forms import FILE, FORM, form
from tests.api.files.office import AT_ONCE, Office, send
from tests.domain.files import samples


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
        (b"a" * (6 * 1024 * 1024), "in several parts.txt", "text/plain"),
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


async def test_a_name_that_is_not_utf_8(office: Office) -> None:
    body = form((FILE, b"text")).replace(b"a.txt", b"\xe9.txt")
    answer = await (await office.person("client")).post("files", content=body, headers={"Content-Type": FORM})
    assert (answer.status_code, answer.json()["code"]) == (422, "file_name_refused")


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
