"""`casewright migrate`: brings the database's schema to what this version of the code expects."""

from importlib.util import find_spec
from pathlib import Path

from ops.trouble import Trouble
from workers.settings import settings


def migrate() -> None:
    """Bring the database's schema up to date, as the role that owns it."""
    configured = settings().migration_database_url or settings().database_url
    if configured is None:
        raise Trouble("No database: set DATABASE_URL, or start one with `casewright up`.")
    upgrade(configured.get_secret_value())


def upgrade(url: str) -> None:
    """Runs all migrations that the database at `url`, an owner's, has not seen.

    Raises what Alembic and SQLAlchemy raise.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_migrations()))
    config.set_main_option("path_separator", "os")
    # Not an option of the file kind: there a per cent sign in a password would be taken for a substitution.
    config.attributes["url"] = url
    command.upgrade(config, "head")


def _migrations() -> Path:
    spec = find_spec("migrations")
    if spec is None or not spec.submodule_search_locations:
        raise Trouble("The package `migrations` is not installed: run `make up` again.")
    return Path(spec.submodule_search_locations[0])
