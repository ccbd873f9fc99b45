"""The tables. Importing this package registers all of them on `SQLModel.metadata`."""

from models import answered_request, audit, case, file, people, sessions, sla, tenant, ticket

__all__ = ["answered_request", "audit", "case", "file", "people", "sessions", "sla", "tenant", "ticket"]
