"""The tables. Importing this package registers all of them on `SQLModel.metadata`."""

from models import case, people, sessions, sla, tenant, ticket

__all__ = ["case", "people", "sessions", "sla", "tenant", "ticket"]
