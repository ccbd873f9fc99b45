"""`casewright doctor`: says what is well, and names what is not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from sqlalchemy.engine import make_url
from temporalio.client import Client

from models.database import Database
from ops.checks import database, engine, surroundings
from ops.demo.people import seed_demo
from ops.doctor import CHECKS, doctor
from ops.embedded.ports import free_port
from ops.embedded.postgres import Postgres
from ops.embedded.secrets import load_or_create
from ops.namespace import ensure_namespace
from ops.trouble import Trouble
from runtime.client import connect
from runtime.settings import Settings
from runtime.settings import settings as process_settings
from tests.stack.databases import Copies, Copy
from tests.stack.engines import dev_server
from workers.working import workers_of


@pytest.fixture(scope="module")
def migrated(copies: Copies) -> Copy:
    return copies.migrated("looked_after")


@pytest.fixture(scope="module")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """Settings of a Temporal as it comes: without our namespace, search attributes and workers."""
    async with await dev_server() as environment:
        address = environment.client.service_client.config.target_host
        home = tmp_path_factory.mktemp("home")
        key = load_or_create(home).jwt_private_key
        yield Settings(
            home=home, jwt_private_key=key, temporal_address=address, temporal_namespace="casewright", _env_file=None
        )


# Postgres


async def test_postgres_that_is_away() -> None:
    with pytest.raises(Trouble, match="refused"):
        await database.postgres(_settings(f"postgresql+psycopg://u:p4ssw0rd@127.0.0.1:{free_port()}/d"))
    with pytest.raises(Trouble, match="DATABASE_URL is not set"):
        await database.postgres(Settings(database_url=None, _env_file=None))


async def test_a_wrong_password_is_said_and_not_shown(migrated: Copy) -> None:
    wrong = make_url(migrated.app_url).set(password="p4ssw0rd").render_as_string(hide_password=False)
    with pytest.raises(Trouble, match="password authentication failed") as trouble:
        await database.postgres(_settings(wrong))
    assert "p4ssw0rd" not in str(trouble.value)


async def test_a_schema_that_is_behind(migrated_postgres: Postgres) -> None:
    migrated_postgres.create_database("behind")
    with pytest.raises(Trouble, match="casewright migrate"):
        await database.schema(_settings(migrated_postgres.app_url_of("behind")))
    with pytest.raises(Trouble, match="casewright migrate"):
        await database.row_security(_settings(migrated_postgres.app_url_of("behind")))


async def test_a_migrated_database_is_well(migrated: Copy) -> None:
    for check in (database.postgres, database.schema, database.role, database.row_security, database.demo_accounts):
        assert await check(_settings(migrated.app_url))


async def test_a_role_that_may_too_much(migrated: Copy) -> None:
    with pytest.raises(Trouble, match="owns account"):
        await database.role(_settings(migrated.owner_url))
    with pytest.raises(Trouble, match="is a superuser, bypasses row-level security, owns"):
        await database.role(_settings(migrated.server.superuser_url_of(migrated.name)))
    with _superuser(migrated) as connection:
        connection.execute("GRANT UPDATE ON audit TO casewright_app")
        try:
            with pytest.raises(Trouble, match="casewright_app can change the audit"):
                await database.role(_settings(migrated.app_url))
        finally:
            connection.execute("REVOKE UPDATE ON audit FROM casewright_app")


@pytest.mark.parametrize(
    ("harm", "repair"),
    [
        ("ALTER TABLE ticket NO FORCE ROW LEVEL SECURITY", "ALTER TABLE ticket FORCE ROW LEVEL SECURITY"),
        ("ALTER TABLE ticket DISABLE ROW LEVEL SECURITY", "ALTER TABLE ticket ENABLE ROW LEVEL SECURITY"),
        ("ALTER POLICY tenant ON ticket RENAME TO spare", "ALTER POLICY spare ON ticket RENAME TO tenant"),
        ("CREATE TABLE loose (tenant_id uuid)", "DROP TABLE loose"),
    ],
)
async def test_a_table_that_is_open_is_named(migrated: Copy, harm: str, repair: str) -> None:
    with _superuser(migrated) as connection:
        connection.execute(harm)  # type: ignore[call-overload]
        try:
            if "RENAME" in harm:
                assert await database.row_security(_settings(migrated.app_url))
            else:
                with pytest.raises(Trouble, match=r"without a policy, on (ticket|loose)$"):
                    await database.row_security(_settings(migrated.app_url))
        finally:
            connection.execute(repair)  # type: ignore[call-overload]


async def test_demo_accounts_in_production_are_named(migrated: Copy) -> None:
    own = Database(migrated.app_url, pool_size=1)
    await seed_demo(own)
    await own.close()
    assert await database.demo_accounts(_settings(migrated.app_url))
    with pytest.raises(Trouble, match="16 still have the documented password"):
        await database.demo_accounts(_settings(migrated.app_url, env="production"))
    with _superuser(migrated) as connection:
        connection.execute("UPDATE account SET password_hash = 'x$not-a-hash' WHERE email LIKE '%@acme.example'")


# Temporal


async def test_temporal_that_is_away() -> None:
    away = Settings(temporal_address=f"127.0.0.1:{free_port()}")
    for check in (engine.temporal, engine.namespace, engine.search_attributes, engine.workers):
        with pytest.raises(Trouble, match="does not answer"):
            await check(away)


async def test_a_temporal_from_nothing_to_well(temporal: Settings, migrated: Copy) -> None:
    assert await engine.temporal(temporal)
    with pytest.raises(Trouble, match="no namespace casewright"):
        await engine.namespace(temporal)
    default = temporal.model_copy(update={"temporal_namespace": "default"})
    with pytest.raises(Trouble, match="for 1 days only"):
        await engine.namespace(default)
    with pytest.raises(Trouble, match="Assignee, CaseStatus"):
        await engine.search_attributes(default)
    await ensure_namespace(await connect(default))
    assert await engine.search_attributes(default)
    with pytest.raises(Trouble, match=f"nobody works at {', '.join(engine.TASK_QUEUES)}"):
        await engine.workers(default)
    await _while_working(await connect(default), migrated, default)


async def _while_working(client: Client, migrated: Copy, settings: Settings) -> None:
    own = Database(migrated.app_url, pool_size=2)
    workers = workers_of(client, own, settings)
    working = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        await _once_well(settings)
    finally:
        await asyncio.gather(*(worker.shutdown() for worker in workers))
        await asyncio.gather(*working)
        await own.close()


async def _once_well(settings: Settings) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                assert await engine.workers(settings)
            except Trouble:
                await asyncio.sleep(0.05)
            else:
                return


# The rest


async def test_storage(tmp_path: Path) -> None:
    assert await surroundings.storage(Settings(home=tmp_path))
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []
    occupied = tmp_path / "a-file"
    occupied.touch()
    for wrong in ({"home": occupied}, {"storage_url": f"file://{occupied}/folder"}):
        with pytest.raises(Trouble, match="cannot be written"):
            await surroundings.storage(Settings(**wrong))


async def test_the_mail_server() -> None:
    controller = Controller(object(), hostname="127.0.0.1", port=free_port(), server_hostname="localhost")
    url = SecretStr(f"smtp://127.0.0.1:{controller.port}")
    with pytest.raises(Trouble, match=f"127.0.0.1:{controller.port}"):
        await surroundings.mail_server(Settings(smtp_url=url))
    controller.start()
    try:
        assert await surroundings.mail_server(Settings(smtp_url=url))
    finally:
        controller.stop()


async def test_settings_that_production_would_refuse() -> None:
    assert await surroundings.settings_are_safe(Settings(_env_file=None)) == "development"
    with pytest.raises(Trouble, match="CASEWRIGHT_PUBLIC_URL is missing"):
        await surroundings.settings_are_safe(Settings(env="production", _env_file=None))


def test_where_nothing_runs_each_line_says_so_and_the_code_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    given = {
        "CASEWRIGHT_HOME": str(tmp_path),
        "DATABASE_URL": f"postgresql+psycopg://u:p@{nowhere}/d",
        "TEMPORAL_ADDRESS": nowhere,
        "CASEWRIGHT_SMTP_URL": f"smtp://{nowhere}",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    process_settings.cache_clear()
    try:
        with pytest.raises(typer.Exit) as ended:
            doctor()
    finally:
        process_settings.cache_clear()
    assert ended.value.exit_code == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(CHECKS)
    verdicts = {line.split(":")[0].split(maxsplit=1)[1]: line.split()[0] for line in lines}
    assert {name for name, verdict in verdicts.items() if verdict == "ok"} == {"settings", "demo accounts", "storage"}


def _settings(url: str, **given: Any) -> Settings:
    return Settings(database_url=SecretStr(url), **given)


def _superuser(migrated: Copy) -> psycopg.Connection[Any]:
    return psycopg.connect(migrated.superuser_url, autocommit=True)
