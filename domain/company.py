"""A tenant's company, as it is named on quotes and other papers."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class Company:
    """`nif`, `rc` and `ai` are what Algerian papers carry: tax number, trade register and article of taxation. What is
    not set is left out. `country` (ISO 3166-1) is for invoices as data, `colour` (such as `#1f3a5f`) for the head of
    mails, which come in its `name` and are answered to its `email`."""

    name: str
    address: str | None = None
    phone: str | None = None
    email: str | None = None
    nif: str | None = None
    rc: str | None = None
    ai: str | None = None
    country: str | None = None
    colour: str | None = None

    @classmethod
    def of(cls, stored: Mapping[str, Any], tenant_name: str) -> Self:
        """From a tenant's stored settings; without a name there, the tenant's own."""
        known = {field.name: stored[field.name] for field in fields(cls) if stored.get(field.name)}
        return cls(**{"name": tenant_name, **known})
