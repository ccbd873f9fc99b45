"""The virus scanner: clean, infected, away, and an answer that is no verdict."""

import hashlib
from pathlib import Path

import pytest

from domain.files.states import ScanResult
from models.database import Database
from stores.files.scanner import VirusScanner
from tests.api.files.office import open_office, opening, send
from tests.api.files.scanner import clamd
from tests.domain.files import samples


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
