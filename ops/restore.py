"""`casewright restore`: makes of a backup an installation again, of which the engine knows nothing yet."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from ops.backup import read
from ops.backup_folder import BackupFolder, Manifest
from ops.embedded import postgres_place
from ops.embedded.ports import Port, require_free
from ops.embedded.postgres import Postgres, serving
from ops.embedded.postgres_roles import DATABASE
from ops.embedded.secrets import load_or_create
from ops.home import Home
from ops.migrate import known_revisions
from ops.postgres_programs import libpq_url, run_on_database
from ops.trouble import Trouble
from runtime.settings import Settings, settings
from stores.files.storage import FileStorage


def restore(folder: Annotated[Path, typer.Argument(help="What `casewright backup` has made.")]) -> None:
    """Bring a backup back: into a home without a database, or the empty one that CASEWRIGHT_BACKUP_DATABASE_URL
    names."""
    configured, source = settings(), BackupFolder(folder.absolute())
    manifest = source.manifest()
    if unknown := set(manifest.revisions) - known_revisions():
        raise Trouble(f"The backup's schema is at {', '.join(sorted(unknown))}: newer code than this has made it.")
    if configured.backup_database_url:
        asyncio.run(bring_back(configured.backup_database_url.get_secret_value(), _storage(configured), source))
        resume = "`casewright resume` (with `--anew` where Temporal has kept its store)"
        then = f"`casewright migrate`, start workers, {resume}, start the API"
    else:
        _into_home(configured, source)
        then = "`casewright up`, then in another terminal `casewright resume`"
    typer.echo(f"The installation is as it was at {manifest.made_at}. Next: {then}.")


def _storage(configured: Settings) -> FileStorage:
    return FileStorage.at(configured.storage_url, configured.home)


def _into_home(configured: Settings, source: BackupFolder) -> None:
    home = Home(configured.home.absolute())
    home.make()
    with home.lock():
        require_free([Port(configured.postgres_port, "CASEWRIGHT_POSTGRES_PORT")])
        kept = home.path / "secrets.json"
        if source.secrets.exists() and not kept.exists():
            shutil.copy2(source.secrets, kept)
        elif source.secrets.exists() and kept.read_text() != source.secrets.read_text():
            raise Trouble(f"{kept} has other keys than the backup: restore into another CASEWRIGHT_HOME.")
        postgres = Postgres(home.path, configured.postgres_port, load_or_create(home.path))
        if postgres.has_data:
            raise Trouble(f"{home.path} has a database already: restore into another CASEWRIGHT_HOME.")
        try:
            with serving(postgres, home.logs / "postgres.log"):
                asyncio.run(bring_back(postgres.superuser_url_of(DATABASE), _storage(configured), source))
        except BaseException:
            # Another attempt finds the home without a database, as this one did.
            postgres_place.remove(home.path)
            raise


async def bring_back(url: str, storage: FileStorage, source: BackupFolder) -> Manifest:
    """Fills an empty database and the file storage from a backup.

    Raises Trouble when the database is not empty or cannot be filled, and StorageAway.
    """
    manifest = source.manifest()
    try:
        async with await psycopg.AsyncConnection.connect(libpq_url(url)) as connection:
            found = await (await connection.execute("SELECT to_regclass('public.alembic_version')")).fetchone()
    except psycopg.Error as error:
        raise Trouble(f"The database cannot be read: {' '.join(str(error).split())}") from error
    if found and found[0]:
        raise Trouble("The database is not empty: make another, with the same roles and extensions.")
    # The bytes first: a row of the database never names a file that is not there.
    for path in sorted(source.files.glob("*/*")):
        await storage.put(path.relative_to(source.files).as_posix(), read(path))
    name = str(psycopg.conninfo.conninfo_to_dict(libpq_url(url))["dbname"])
    words = ("--exit-on-error", "--single-transaction", "--dbname", name)
    await asyncio.to_thread(run_on_database, "pg_restore", url, *words, str(source.database))
    return manifest
