"""The tables. Importing this package registers all of them on `SQLModel.metadata`."""

from models import (
    audit,
    case,
    catalogue,
    file,
    kyc,
    people,
    quote,
    quote_request,
    review,
    sessions,
    sla,
    tenant,
    ticket,
)

__all__ = [
    "audit",
    "case",
    "catalogue",
    "file",
    "kyc",
    "people",
    "quote",
    "quote_request",
    "review",
    "sessions",
    "sla",
    "tenant",
    "ticket",
]
