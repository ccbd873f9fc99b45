"""Databases that need no migration of their own: copies of one that was made once for a test process."""

from dataclasses import dataclass

from models.database import Database
from ops.demo.people import seed_demo
from ops.embedded.postgres import Postgres
from ops.embedded.postgres_roles import DATABASE

AS_MIGRATED, AS_SEEDED = "as_migrated", "as_seeded"
"""Nobody may be connected to what is copied, so nobody ever is."""


@dataclass(frozen=True)
class Copy:
    """A database of its own on a server that others share."""

    server: Postgres
    name: str

    @property
    def superuser_url(self) -> str:
        """Its address for the role that no rule holds back, as libpq reads it."""
        return self.server.superuser_url.replace("+psycopg", "").replace("/postgres?", f"/{self.name}?")

    @property
    def owner_url(self) -> str:
        """Its address for the role that owns the tables."""
        return self.server.owner_url_of(self.name)

    @property
    def app_url(self) -> str:
        """Its address for the role that the application has."""
        return self.server.app_url_of(self.name)


class Copies:
    """Makes copies of the schema of `server`, which has just been migrated, with the demo people in them or without."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._seeded = False
        server.create_database(AS_MIGRATED, template=DATABASE)

    def migrated(self, name: str) -> Copy:
        """Nothing is in it but today's schema."""
        self._server.create_database(name, template=AS_MIGRATED)
        return Copy(self._server, name)

    async def seeded(self, name: str) -> Copy:
        """The demo people are in it."""
        if not self._seeded:
            database = Database(self.migrated(AS_SEEDED).app_url, pool_size=1)
            await seed_demo(database)
            await database.close()
            self._seeded = True
        self._server.create_database(name, template=AS_SEEDED)
        return Copy(self._server, name)
