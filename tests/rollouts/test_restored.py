"""What is left when the engine has lost its store, or when database and store were restored as of different moments."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from temporalio.client import WorkflowExecutionStatus

from models.database import Database
from ops.backup import back_up
from ops.backup_folder import BackupFolder
from ops.embedded.postgres import Postgres
from ops.fast_forward import current_details
from ops.namespace import ensure_namespace
from ops.postgres_programs import libpq_url
from ops.restore import bring_back
from ops.resume import Resumed, Resuming
from ops.trouble import Trouble
from runtime.client import DATA_CONVERTER, connect
from stores.files.storage import FileStorage
from tests.rollouts.conftest import SERVER
from tests.rollouts.real_world import RealWorld
from tests.stack.engines import dev_server
from tests.workflows.quotes.life import write_quote
from tests.workflows.world import Life, eventually

MANY = 1_000_000_000


class _Kept:
    """Cases of several kinds, each with a deadline of another sort, and a file."""

    def __init__(self, tickets: list[Life], others: list[str], key: str) -> None:
        self.tickets, self.key = tickets, key
        self.cases = [*(ticket.case for ticket in tickets), *others]


async def _kept(world: RealWorld) -> _Kept:
    client = await world.person("client")
    owed, waits, closes = [await world.open_ticket("urgent") for _ in range(3)]
    content = {"file": ("invoice.pdf", b"%PDF-1.7\n%%EOF\n", "application/pdf")}
    file = (await client.post("/files", files=content)).json()
    said = {"body": "Canary: see there", "file_ids": [file["id"]]}
    assert (await owed.does("client", "messages", **said)).status_code == 201
    await waits.does("agent", "messages", body="Canary?", status="waiting_for_response")
    await closes.does("agent", "status", status="resolved")
    quote = await write_quote(world)
    await quote.sent()
    asked = await client.post("/quote-requests", json={"description": "Canary: ten chairs"})
    called = await client.post("/callbacks", json={"phone": "+213 550 12 34 56", "topic": "Canary"})
    [(key,)] = await world.query("SELECT key FROM file WHERE id = :id", id=file["id"])
    others = [quote.case, f"quote_request/{asked.json()['id']}", f"callback/{called.json()['id']}"]
    return _Kept([owed, waits, closes], others, key)


async def _deadlines(world: RealWorld, cases: list[str]) -> dict[str, str]:
    """What each case shows as its next deadline, once it shows any."""

    async def look(case: str) -> str:
        details = await current_details(world.client.get_workflow_handle(case))
        return next((line for line in details.splitlines() if "**Next deadline**" in line), "")

    return {case: await eventually(lambda case=case: look(case), bool) for case in cases}


@asynccontextmanager
async def _elsewhere(real_world: RealWorld, server: Postgres, home: Path) -> AsyncIterator[RealWorld]:
    """Another engine, whose store is empty, and another database, as a server has it that was never used."""
    server.create_database("restored")
    async with await dev_server(SERVER, data_converter=DATA_CONVERTER) as environment:
        changed = {
            "home": home,
            "database_url": SecretStr(server.app_url_of("restored")),
            "temporal_address": environment.client.service_client.config.target_host,
        }
        settings = real_world.settings.model_copy(update=changed)
        database, client = Database(server.app_url_of("restored"), pool_size=10), await connect(settings)
        await ensure_namespace(client)
        yield RealWorld(environment, real_world.app, database, real_world.postbox, client=client, settings=settings)
        await database.close()


async def test_all_of_it_is_restored_with_every_deadline(
    real_world: RealWorld, migrated_postgres: Postgres, tmp_path: Path
) -> None:
    folder, storage = BackupFolder(tmp_path / "backup"), FileStorage.at(None, real_world.settings.home)
    folder.path.mkdir()
    with pytest.raises(Trouble, match="is no whole backup"):
        folder.manifest()
    with pytest.raises(Trouble, match="bypasses row-level security"):
        await back_up(migrated_postgres.app_url_of("real"), storage, folder)
    async with real_world.workers("keeper"):
        kept = await _kept(real_world)
        before = await _deadlines(real_world, kept.cases)
        made = await back_up(migrated_postgres.superuser_url_of("real"), storage, folder)
    assert (made.missing, made.files >= 1) == ((), True)

    async with _elsewhere(real_world, migrated_postgres, tmp_path / "home") as elsewhere:
        files, url = FileStorage.at(None, elsewhere.settings.home), migrated_postgres.superuser_url_of("restored")
        await bring_back(url, files, folder)
        with pytest.raises(Trouble, match="not empty"):
            await bring_back(url, files, folder)
        assert b"".join([piece async for piece in await files.get(kept.key, 0, 100)]) == b"%PDF-1.7\n%%EOF\n"
        async with elsewhere.workers("keeper"):
            resumed = await Resuming(elsewhere.client, elsewhere.database, per_second=MANY).those_without_run()
            assert resumed.begun >= len(kept.cases)
            assert await _deadlines(elsewhere, kept.cases) == before
            again = await Resuming(elsewhere.client, elsewhere.database, per_second=MANY).those_without_run()
            assert again == Resumed(running=resumed.begun)
            await _knows_of_another_past(elsewhere, url, kept, before)


async def _knows_of_another_past(elsewhere: RealWorld, superuser_url: str, kept: _Kept, before: dict[str, str]) -> None:
    """The database is put back to a moment at which one case was over, another not there, a third further than its run
    knows."""
    over, unknown, further = kept.tickets
    with psycopg.connect(libpq_url(superuser_url), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE ticket SET archived_at = %s WHERE id = %s", [datetime.now(UTC), over.id])
        connection.execute("DELETE FROM ticket WHERE id = %s", [unknown.id])
        connection.execute("UPDATE ticket SET version = version + 1 WHERE id = %s", [further.id])
    runs = {case: (await elsewhere.client.get_workflow_handle(case).describe()).run_id for case in kept.cases}

    async def listed() -> set[str]:
        return {run.id async for run in elsewhere.client.list_workflows("ExecutionStatus = 'Running'")}

    await eventually(listed, lambda found: found >= set(kept.cases))
    await Resuming(elsewhere.client, elsewhere.database, per_second=MANY).anew()

    async def status(life: Life) -> WorkflowExecutionStatus | None:
        return (await elsewhere.client.get_workflow_handle(life.case).describe()).status

    await eventually(lambda: status(over), lambda found: found is WorkflowExecutionStatus.COMPLETED)
    assert await status(unknown) is WorkflowExecutionStatus.TERMINATED
    others = [case for case in kept.cases if case not in (over.case, unknown.case)]
    assert await _deadlines(elsewhere, others) == {case: before[case] for case in others}
    for case in others:
        assert (await elsewhere.client.get_workflow_handle(case).describe()).run_id != runs[case]
