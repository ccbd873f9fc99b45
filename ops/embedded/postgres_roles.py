"""The roles and databases inside the embedded Postgres."""

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ops.postgres_programs import libpq_url

DATABASE = "casewright"
OWNER = "casewright_owner"
APP = "casewright_app"
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist", "btree_gin")


# No row-level security holds for them: bytes that one tenant's request leaves there another's could read.
# `deploy/postgres-init.sh` does the same.
_REVOKE_LARGE_OBJECTS = """
DO $$ DECLARE found regprocedure; BEGIN
    FOR found IN SELECT oid FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(lo_|lowrite$|loread$)'
        AND has_function_privilege('public', oid, 'EXECUTE')
    LOOP EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', found); END LOOP;
    REVOKE ALL ON pg_largeobject FROM PUBLIC;
END $$
"""


class PasswordRefused(Exception):
    """The server is there and does not know our password."""


def bootstrap(superuser_url: str, owner_password: str, app_password: str) -> bool:
    """Makes the two roles, the database and its extensions where they are missing, and sets the roles' passwords.

    Returns False while there is no server that takes connections. Raises `PasswordRefused`.
    """
    try:
        _bootstrap(superuser_url, owner_password, app_password)
    except psycopg.OperationalError as refused:
        if "password authentication failed" in str(refused):
            raise PasswordRefused from refused
        return False
    return True


def create_database(superuser_url: str, name: str, template: str | None = None) -> None:
    """Makes a database owned by the owner role, prepared for us or as a copy of `template`."""
    statement = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER))
    if template is not None:
        statement += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
    with _connect(superuser_url, "postgres") as connection:
        connection.execute(statement)
    if template is None:
        _prepare(superuser_url, name)


def drop_database(superuser_url: str, name: str) -> None:
    """Removes a database where there is one, ending the connections to it."""
    with _connect(superuser_url, "postgres") as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _bootstrap(superuser_url: str, owner_password: str, app_password: str) -> None:
    with _connect(superuser_url, "postgres") as connection:
        for role, password in ((OWNER, owner_password), (APP, app_password)):
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD {}").format(
                    sql.SQL("ALTER" if known else "CREATE"), sql.Identifier(role), sql.Literal(password)
                )
            )
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
    if not known:
        create_database(superuser_url, DATABASE)
    _prepare(superuser_url, DATABASE)


def _prepare(superuser_url: str, database: str) -> None:
    """What only a superuser may do in a database: our extensions are there, and large objects are nobody's."""
    with _connect(superuser_url, database) as connection:
        for extension in EXTENSIONS:
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
        connection.execute(_REVOKE_LARGE_OBJECTS)


def _connect(superuser_url: str, database: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(make_conninfo(libpq_url(superuser_url), dbname=database, connect_timeout=2), autocommit=True)
