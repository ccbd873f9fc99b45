"""The tables. Importing this package registers all of them on `SQLModel.metadata`."""

from models import audit, case, people, sla, tenant, ticket

__all__ = ["audit", "case", "people", "sla", "tenant", "ticket"]
