"""The names of people, customers, groups, categories and products by their ids, for who has the ids already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from models.catalogue import Product
from models.database import Database
from models.people import Account, Customer, Membership
from models.tickets import AgentGroup, TicketCategory


@dataclass(frozen=True)
class Names:
    """By id; what is gone, or was never there, is not in it."""

    people: dict[UUID, str] = field(default_factory=dict)
    customers: dict[UUID, str] = field(default_factory=dict)
    groups: dict[UUID, str] = field(default_factory=dict)
    categories: dict[UUID, str] = field(default_factory=dict)
    products: dict[UUID, str] = field(default_factory=dict)


_PEOPLE: sa.Select[*tuple[Any, ...]] = (
    sa.select(col(Account.id), col(Account.full_name).label("name"))
    .join(Membership, col(Membership.account_id) == col(Account.id))
    .where(col(Membership.tenant_id) == sa.bindparam("tenant_id"))
)
_SOURCES = {
    "people": _PEOPLE,
    "customers": sa.select(col(Customer.id), col(Customer.name)).where(
        col(Customer.tenant_id) == sa.bindparam("tenant_id")
    ),
    "groups": sa.select(col(AgentGroup.id), col(AgentGroup.name)).where(
        col(AgentGroup.tenant_id) == sa.bindparam("tenant_id")
    ),
    "categories": sa.select(col(TicketCategory.id), col(TicketCategory.name)).where(
        col(TicketCategory.tenant_id) == sa.bindparam("tenant_id")
    ),
    "products": sa.select(col(Product.id), col(Product.name)).where(
        col(Product.tenant_id) == sa.bindparam("tenant_id")
    ),
}


async def find_names(database: Database, tenant_id: UUID, **wanted: Iterable[UUID | None]) -> Names:
    """The names of what is `wanted` of the tenant: `people`, `customers`, `groups`, `categories`,
    `products`."""
    ids = {kind: {each for each in given if each} for kind, given in wanted.items()}
    queries = []
    for kind, of_kind in ids.items():
        if of_kind:
            source = _SOURCES[kind]
            mine = source.selected_columns[0].in_(of_kind)
            queries.append(_of_kind(kind, source).where(mine))
    return await _named(database, tenant_id, queries)


async def staff_and_groups(database: Database, tenant_id: UUID) -> Names:
    """Whom something can be given to: all of the tenant's staff, and its groups, each by name."""
    staff = _PEOPLE.where(col(Membership.customer_id).is_(None), col(Account.disabled_at).is_(None))
    found = await _named(
        database,
        tenant_id,
        [_of_kind("people", staff), _of_kind("groups", _SOURCES["groups"])],
    )
    by_name = {kind: dict(sorted(names.items(), key=lambda each: each[1])) for kind, names in vars(found).items()}
    return Names(**by_name)


def _of_kind(kind: str, rows: sa.Select[*tuple[Any, ...]]) -> sa.Select[Any]:
    return rows.add_columns(sa.literal(kind).label("kind"))


async def _named(database: Database, tenant_id: UUID, queries: Sequence[sa.Select[*tuple[Any, ...]]]) -> Names:
    names = Names()
    if queries:
        async with database.glance(tenant_id) as session:
            for id_, name, kind in await session.execute(sa.union_all(*queries), {"tenant_id": tenant_id}):
                getattr(names, kind)[id_] = name
    return names
