"""`casewright migrate`: brings the database's schema to what this version of the code expects."""

import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import typer
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from ops.postgres_programs import libpq_url
from ops.trouble import Trouble
from runtime.settings import Settings, settings


def migrate() -> None:
    """Bring the database's schema up to date, as the role that owns it."""
    configured = settings().migration_database_url or settings().database_url
    if configured is None:
        raise Trouble("No database: set DATABASE_URL, or start one with `casewright up`.")
    url = configured.get_secret_value()
    if revisions_of(url) != expected_revisions():
        upgrade(url)


def require_leave(configured: Settings, *, given: bool) -> None:
    """Asks the person at the terminal before a database that we did not make is changed, unless leave is given.

    Raises Trouble when it may not be changed, or cannot be read.
    """
    url = configured.migration_database_url or configured.database_url
    if url is None:
        return
    place = urlsplit(url.get_secret_value())
    named = f"{place.hostname or 'the socket'}{place.path}"
    try:
        found, expected = revisions_of(url.get_secret_value()), expected_revisions()
    except psycopg.Error as error:
        raise Trouble(f"The database at {named} cannot be read: {type(error).__name__}.") from error
    if found == expected or given:
        return
    change = f"The schema at {named} would be changed from {_in_words(found)} to {_in_words(expected)}"
    if not sys.stdin.isatty():
        raise Trouble(f"{change}: run `casewright migrate` first, or `casewright up --migrate`.")
    if not typer.confirm(f"{change}. Do you want that?"):
        raise Trouble("Nothing was changed.")


def _in_words(revisions: set[str]) -> str:
    return ", ".join(sorted(revisions)) or "nothing"


def upgrade(url: str) -> None:
    """Runs all migrations that the database at `url`, an owner's, has not seen.

    Raises what Alembic and SQLAlchemy raise.
    """
    command.upgrade(alembic_config(url), "head")


def expected_revisions() -> set[str]:
    """The revisions that a database is at when it has seen every migration of this code."""
    return set(ScriptDirectory.from_config(alembic_config()).get_heads())


def known_revisions() -> set[str]:
    """All revisions that this code knows, the newest and those before."""
    return {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}


def revisions_of(url: str) -> set[str]:
    """The revisions that the database at `url` is at; none when it has seen no migration. Raises `psycopg.Error`."""
    with psycopg.connect(libpq_url(url), connect_timeout=10) as connection:
        try:
            return {str(revision) for (revision,) in connection.execute("SELECT version_num FROM alembic_version")}
        except psycopg.errors.UndefinedTable:
            return set()


def alembic_config(url: str | None = None) -> Config:
    """What Alembic's commands are given, for the database at `url` unless they need none.

    Raises `Trouble` where there are no migrations.
    """
    spec = find_spec("migrations")
    if spec is None or not spec.submodule_search_locations:
        raise Trouble("The package `migrations` is not installed: run `make up` again.")
    config = Config()
    config.set_main_option("script_location", str(Path(spec.submodule_search_locations[0])))
    config.set_main_option("path_separator", "os")
    # Not an option of the file kind: there a per cent sign in a password would be taken for a substitution.
    config.attributes["url"] = url
    return config
