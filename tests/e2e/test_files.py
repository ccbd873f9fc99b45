"""Files on tickets: who sees them, what refusals and crashes do to them, and that none is held in memory."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx2
import psutil
import psycopg
from temporalio.testing import ActivityEnvironment

from activities.files.sweep import FileActivities
from models.database import Database
from runtime.client import connect
from runtime.settings import Settings
from stores.files.scanner import VirusScanner
from stores.files.storage import FileStorage
from tests.e2e.desk import Json, new_key, open_ticket, read
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

MIB = 1024 * 1024
FORM = {"Content-Type": "multipart/form-data; boundary=cut"}
HEAD = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'


async def upload(person: httpx2.AsyncClient, content: bytes = b"text", name: str = "a.txt") -> Json:
    """A file, as the API answers it."""
    answer = await person.post("files", files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def files_of(person: httpx2.AsyncClient, ticket: Json) -> list[list[str]]:
    """The names of the files of each message, as this person reads the ticket."""
    messages = await read(person, f"tickets/{ticket['id']}/messages")
    return [[file["name"] for file in message["files"]] for message in messages["items"]]


async def fetched(person: httpx2.AsyncClient, file: Json) -> int:
    """How a download is answered."""
    return (await person.get(f"files/{file['id']}")).status_code


async def test_files_are_for_those_who_may_read_their_message(
    customer: httpx2.AsyncClient,
    other_customer: httpx2.AsyncClient,
    agent: httpx2.AsyncClient,
    foreign_agent: httpx2.AsyncClient,
    foreign_customer: httpx2.AsyncClient,
) -> None:
    photos = [await upload(customer, f"{n}".encode(), f"{n}.txt") for n in range(3)]
    ticket = await open_ticket(customer, file_ids=[photo["id"] for photo in reversed(photos)])
    answer = await upload(agent, b"the answer", "answer.txt")
    posted = await agent.post(f"tickets/{ticket['id']}/messages", json={"body": "Here.", "file_ids": [answer["id"]]})
    assert posted.status_code == 201, posted.text
    assert posted.json()["files"] == [{name: answer[name] for name in answer if name != "scan"}]
    secret = await upload(agent, b"the customer must not see this", "secret.txt")
    note = {"body": "Between us.", "internal": True, "file_ids": [secret["id"]]}
    assert (await agent.post(f"tickets/{ticket['id']}/messages", json=note)).status_code == 201

    assert await files_of(customer, ticket) == [["2.txt", "1.txt", "0.txt"], ["answer.txt"]]
    assert await files_of(agent, ticket) == [["2.txt", "1.txt", "0.txt"], ["answer.txt"], ["secret.txt"]]
    for file in (*photos, answer):
        assert [await fetched(person, file) for person in (customer, agent)] == [200, 200]
        for stranger in (other_customer, foreign_agent, foreign_customer):
            assert await fetched(stranger, file) == 404
            assert (await stranger.get(f"files/{file['id']}/meta")).status_code == 404
    assert await fetched(agent, secret) == 200
    for person in (customer, other_customer, foreign_agent, foreign_customer):
        assert await fetched(person, secret) == 404
        assert (await person.get(f"files/{secret['id']}/meta")).status_code == 404


async def test_asking_twice_attaches_once(customer: httpx2.AsyncClient) -> None:
    file = await upload(customer)
    body = {"subject": "Twice", "body": "b", "file_ids": [file["id"]]}
    headers = {"Idempotency-Key": new_key()}
    first, second = await asyncio.gather(*(customer.post("tickets", json=body, headers=headers) for _ in range(2)))
    assert first.json()["id"] == second.json()["id"]
    again = await customer.post("tickets", json=body)
    assert (again.status_code, again.json()["code"]) == (422, "file_unknown")
    assert await files_of(customer, first.json()) == [["a.txt"]]


async def test_a_refused_message_gives_its_files_back(customer: httpx2.AsyncClient) -> None:
    ticket, file = await open_ticket(customer), await upload(customer)
    path, body = f"tickets/{ticket['id']}/messages", {"body": "b", "file_ids": [file["id"]]}
    refused = await customer.post(path, json=body, headers={"If-Match": '"99"'})
    assert (refused.status_code, refused.json()["code"]) == (412, "version_mismatch")
    assert (await customer.post(path, json=body)).status_code == 201
    assert await files_of(customer, ticket) == [[], ["a.txt"]]


async def test_two_hundred_megabytes_are_refused_and_not_held(
    stack: RunningStack, customer: httpx2.AsyncClient
) -> None:
    await upload(customer, b"a" * (19 * MIB))
    api = psutil.Process(stack.part("api"))
    before = api.memory_info().rss
    highest, given = before, 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal highest, given
        yield HEAD
        for _ in range(200 * 16):
            given += 65_536
            highest = max(highest, api.memory_info().rss)
            yield b"a" * 65_536

    answer = await customer.post("files", content=endless(), headers=FORM)
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert highest - before < 40 * MIB
    await eventually(lambda: nothing_unfinished(stack), "what was sent is removed")


async def nothing_unfinished(stack: RunningStack) -> bool:
    """Whether every row, of a file or of a mail, has its bytes, every object its row, and no write has left
    anything."""
    async with await psycopg.AsyncConnection.connect(stack.superuser_url) as connection:
        found = await connection.execute("SELECT key, status FROM file")
        rows = await found.fetchall()
        mails = await connection.execute("SELECT raw_key FROM mail WHERE raw_key IS NOT NULL")
        raws = {key for (key,) in await mails.fetchall()}
    folder = stack.home / "files"
    on_disk = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return {status for _, status in rows} <= {"stored"} and {key for key, _ in rows} | raws == on_disk


@asynccontextmanager
async def half_an_upload(stack: RunningStack, customer: httpx2.AsyncClient) -> AsyncIterator[asyncio.StreamWriter]:
    """An upload that has brought some of its bytes as far as the storage; its connection, still open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stack.ports["API"])
    lines = [
        "POST /api/v1/files HTTP/1.1",
        "Host: localhost",
        f"Authorization: {customer.headers['Authorization']}",
        f"Content-Type: {FORM['Content-Type']}",
        f"Content-Length: {18 * MIB}",
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode() + HEAD + b"a" * (12 * MIB))
    await writer.drain()
    staged: list[Path] = []

    def begun() -> bool:
        staged[:] = (stack.home / "files").glob("*/*#*")
        return bool(staged)

    await eventually(begun, "the upload has begun")
    assert not await nothing_unfinished(stack)
    try:
        yield writer
    finally:
        writer.close()
        del reader


async def test_a_client_that_goes_away_leaves_nothing(stack: RunningStack, customer: httpx2.AsyncClient) -> None:
    async with half_an_upload(stack, customer) as connection:
        connection.transport.abort()
        await eventually(lambda: nothing_unfinished(stack), "what was sent is removed")


async def test_a_kill_in_the_middle_of_an_upload_leaves_nothing_to_the_sweep(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient
) -> None:
    kept = await upload(customer, b"kept")
    backs = stack.said("api is back")
    async with half_an_upload(stack, customer):
        os.kill(stack.part("api"), signal.SIGKILL)
        await eventually(lambda: stack.said("api is back") > backs, "the API runs again", within=60)
    assert not await nothing_unfinished(stack)

    database = Database(stack.app_url.replace("postgresql:", "postgresql+psycopg:"), pool_size=2)
    storage = FileStorage.at(None, stack.home)
    activities = FileActivities(database, storage, VirusScanner(None), unfinished_after=timedelta(0))
    assert await ActivityEnvironment().run(activities.sweep) >= 2
    await database.close()
    assert await nothing_unfinished(stack)
    assert await fetched(customer, kept) == 200


async def test_the_sweep_comes_by_itself_and_writes_no_history(
    stack: RunningStack, customer: httpx2.AsyncClient
) -> None:
    await upload(customer)
    folder = next(path for path in (stack.home / "files").iterdir() if path.is_dir())
    staged, orphan = folder / "0123#1", folder / "0123456789"
    for left in (staged, orphan):
        left.write_bytes(b"left by a crash two hours ago")
        long_ago = left.stat().st_mtime - 7200
        os.utime(left, (long_ago, long_ago))
    await eventually(lambda: not staged.exists() and not orphan.exists(), "what was left is removed")
    client = await connect(Settings(temporal_address=f"127.0.0.1:{stack.ports['TEMPORAL']}", _env_file=None))
    assert [
        sweep async for sweep in client.list_workflows("WorkflowType IN ('FileSweepWorkflow', 'SweepWorkflow')")
    ] == []
    assert await nothing_unfinished(stack)
