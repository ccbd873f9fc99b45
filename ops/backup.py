"""`casewright backup`: a copy of everything that Casewright cannot do without, while it runs."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from ops.backup_folder import BackupFolder, Manifest
from ops.embedded.postgres import Postgres
from ops.embedded.postgres_roles import DATABASE
from ops.embedded.secrets import load_or_create
from ops.postgres_programs import libpq_url, run_on_database
from ops.trouble import Trouble
from runtime.build import version
from runtime.settings import Settings, settings
from stores.files.storage import FileStorage

_FILES_AT_ONCE = 8

_REVISIONS = "SELECT version_num FROM alembic_version ORDER BY version_num"
_FILES = "SELECT key, size, sha256 FROM file WHERE status = 'stored' ORDER BY key"
_SEES_ALL = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


def backup(
    folder: Annotated[Path, typer.Argument(help="Where the backup is to be; there must be nothing yet.")],
) -> None:
    """Copy the database and the files it names into a folder. Nothing has to stand still for it."""
    target = folder.absolute()
    if target.exists():
        raise Trouble(f"{target} is there already: name a folder that is not.")
    configured = settings()
    url, storage = superuser_url(configured), FileStorage.at(configured.storage_url, configured.home)
    making = BackupFolder(target.with_name(f"{target.name}.part"))
    shutil.rmtree(making.path, ignore_errors=True)
    making.path.mkdir(mode=0o700, parents=True)
    made = asyncio.run(back_up(url, storage, making))
    secrets = configured.home.absolute() / "secrets.json"
    if configured.backup_database_url is None and secrets.exists():
        shutil.copy2(secrets, making.secrets)
    making.path.rename(target)
    typer.echo(f"{target} holds the database at {', '.join(made.revisions)} and {made.files} files.")
    if made.missing:
        typer.echo(f"{len(made.missing)} files that it names are not as it says, {made.missing[0]} first.", err=True)


def superuser_url(configured: Settings) -> str:
    """The database as somebody sees it whom row-level security does not hold. Raises Trouble when it is not known."""
    if configured.backup_database_url:
        return configured.backup_database_url.get_secret_value()
    if not configured.embedded:
        raise Trouble(
            "CASEWRIGHT_BACKUP_DATABASE_URL is not set, and no embedded stack runs in this CASEWRIGHT_HOME: "
            "name a role that bypasses row-level security."
        )
    home = configured.home.absolute()
    postgres = Postgres(home, configured.postgres_port, load_or_create(home))
    return postgres.superuser_url_of(DATABASE)


async def back_up(url: str, storage: FileStorage, folder: BackupFolder) -> Manifest:
    """Writes the parts of a backup, and at last its manifest.

    The files are those of the very moment of the database's copy. Their bytes are written once and never change, so
    they may be read later; only what is removed meanwhile is missing. Raises Trouble and StorageAway.
    """
    try:
        async with await psycopg.AsyncConnection.connect(libpq_url(url)) as connection:
            await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
            if not await _one(connection, _SEES_ALL):
                raise Trouble("This role sees the rows of no tenant: name one that bypasses row-level security.")
            snapshot = await _one(connection, "SELECT pg_export_snapshot()")
            words = ("--format", "custom", "--no-unlogged-table-data", "--snapshot", snapshot)
            await asyncio.to_thread(run_on_database, "pg_dump", url, *words, "--file", str(folder.database))
            revisions = [str(row[0]) for row in await (await connection.execute(_REVISIONS)).fetchall()]
            files = await (await connection.execute(_FILES)).fetchall()
    except psycopg.Error as error:
        raise Trouble(f"The database cannot be read: {' '.join(str(error).split())}") from error
    folder.files.mkdir()
    places = asyncio.Semaphore(_FILES_AT_ONCE)

    async def copied(key: str, size: int, sha256: str) -> str | None:
        async with places:
            return None if await _copied(storage, folder.files / key, key, size) == sha256 else key

    missing = [key for key in await asyncio.gather(*(copied(*row) for row in files)) if key]
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = Manifest(version(), made_at, tuple(revisions), len(files) - len(missing), tuple(missing))
    folder.write(manifest)
    return manifest


async def _one(connection: psycopg.AsyncConnection[tuple[object, ...]], query: str) -> str:
    row = await (await connection.execute(query)).fetchone()
    return str(row[0]) if row and row[0] else ""


async def _copied(storage: FileStorage, path: Path, key: str, size: int) -> str | None:
    """The digest of what was copied, None when there was nothing."""
    path.parent.mkdir(exist_ok=True)
    digest = hashlib.sha256()
    try:
        with path.open("wb") as copy:
            async for chunk in await storage.get(key, 0, size):
                digest.update(chunk)
                copy.write(chunk)
    except FileNotFoundError:
        await asyncio.to_thread(path.unlink)
        return None
    return digest.hexdigest()


async def read(path: Path) -> AsyncIterator[bytes]:
    """The bytes of a copied file, a piece at a time."""
    with path.open("rb") as copy:
        while piece := copy.read(256 * 1024):
            yield piece
