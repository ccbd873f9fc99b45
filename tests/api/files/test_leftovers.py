"""Whatever step an upload ends at, the sweep leaves both its row and its bytes, or neither."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from domain.files.states import FileStatus
from models.files import StoredFile
from tests.api.files.forms import FILE, FORM, form
from tests.api.files.office import AT_ONCE, Office, a_row, opening, send
from tests.domain.files import samples


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


async def test_what_another_installation_keeps_beside_it_is_left_alone(fresh: Office) -> None:
    """A storage may be shared: only what lies below a tenant of ours, and has no row, is nobody's."""
    ours, *others = (fresh.folder / name / "bytes" for name in (str(fresh.tenant_id), str(uuid4()), "backups"))
    for path in (ours, *others):
        path.parent.mkdir()
        path.write_bytes(samples.TEXT)
    assert await fresh.sweep(unfinished_after=timedelta(0)) == 1
    assert fresh.bytes_on_disk() == sorted(others)


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


async def test_what_is_attached_to_nothing_can_be_taken_back(fresh: Office) -> None:
    client, other = await fresh.person("client"), await fresh.person("agent")
    file, path = (await send(client, samples.TEXT)).json()["id"], "files/{}".format
    assert (await other.delete(path(file))).status_code == 404
    assert (await client.delete(path(file))).status_code == 204
    assert (await client.delete(path(file))).status_code == 404
    assert (await fresh.rows(), fresh.bytes_on_disk()) == ([], [])

    taken = (await send(client, samples.TEXT)).json()["id"]
    async with fresh.database.transaction(fresh.tenant_id) as session:
        (await session.get_one(StoredFile, taken)).attached_at = sa.func.now()
    refused = await client.delete(path(taken))
    assert (refused.status_code, refused.json()["code"]) == (409, "file_attached")
