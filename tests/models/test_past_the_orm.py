"""What is read past the ORM is what the ORM reads."""

import sqlalchemy as sa
from psycopg.rows import tuple_row
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from models.database import Database
from models.past_the_orm import Objects
from models.plain import Plain
from models.round_trips import run
from ops.demo.people import DemoTenant, seed_tenant
from stores.tenants import tenant_named


async def test_the_rows_of_every_model_become_the_same_objects(database: Database) -> None:
    slug = f"past-{uuid7().hex}"
    await seed_tenant(database, DemoTenant(slug, slug, "en", "Europe/Paris", "EUR", "FR", (0,)), "hash")
    async with database.transaction() as session:
        tenant_id = await tenant_named(session, slug)
    seen = []
    for mapper in SQLModel._sa_registry.mappers:
        model = mapper.class_
        objects = Objects[SQLModel](model)
        order = tuple(mapper.primary_key)
        async with database.transaction(tenant_id) as session:
            rows = await run(session, Plain(sa.select(*objects.columns).order_by(*order))(), rows=tuple_row)
            by_orm = (await session.scalars(sa.select(model).order_by(*order))).all()
        made = [objects.of(row) for row in rows]
        assert [_told(each) for each in made] == [_told(each) for each in by_orm]
        assert not any(sa.inspect(each).session for each in made)
        seen += [mapper.class_.__name__] if made else []
    assert {"Tenant", "Account", "Customer"} < set(seen)


def _told(row: SQLModel) -> dict[str, str]:
    """Its values as text, because an enum is equal to what it is stored as."""
    return {name: repr(value) for name, value in row.model_dump().items()}
