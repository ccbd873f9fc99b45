"""Postgres's own programs for a whole database: which ones, and how they are told where it is and who we are."""

import os
import shutil
import subprocess

from psycopg.conninfo import conninfo_to_dict

from ops.embedded.postgres_place import installed_postgres
from ops.trouble import Trouble

_BY_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
_UNENCRYPTED = frozenset({"disable", "allow", "prefer"})


def run_on_database(program: str, url: str, *words: str) -> None:
    """Runs `pg_dump` or `pg_restore` on the database at `url`, which no process list shows. Raises Trouble with what it
    says when it fails, and when there is none."""
    where = conninfo_to_dict(libpq_url(url))
    named = {variable: str(where[name]) for name, variable in _BY_ENVIRONMENT.items() if where.get(name) is not None}
    path = _found(program, encrypted=str(where.get("sslmode", "prefer")) not in _UNENCRYPTED)
    ended = subprocess.run(
        [path, "--no-password", *words], env={**os.environ, **named}, capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        raise Trouble(f"{program} failed: {' '.join(ended.stderr.split())}")


def libpq_url(url: str) -> str:
    """The address as libpq reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _found(program: str, *, encrypted: bool) -> str:
    """Ours are of the newest version, and speak no TLS."""
    if not encrypted and (ours := installed_postgres()) and (ours / "bin" / program).exists():
        return str(ours / "bin" / program)
    path = shutil.which(program)
    if path is None:
        raise Trouble(f"{program} is not on the PATH: install the client programs of Postgres, as new as the server.")
    return path
