"""The tables. Importing this package registers all of them on `SQLModel.metadata`."""

from models import case, file, people, sessions, sla, tenant, ticket

__all__ = ["case", "file", "people", "sessions", "sla", "tenant", "ticket"]
