"""The tables. Importing this package registers all of them on `SQLModel.metadata`."""

from models import case, people, sla, tenant, ticket

__all__ = ["case", "people", "sla", "tenant", "ticket"]
