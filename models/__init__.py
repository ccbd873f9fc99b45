"""The tables. Importing this package registers all of them on `SQLModel.metadata`."""

from models import audit, case, file, kyc, people, review, sessions, sla, tenant, ticket

__all__ = ["audit", "case", "file", "kyc", "people", "review", "sessions", "sla", "tenant", "ticket"]
