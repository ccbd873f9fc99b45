"""Which rows are open, asked of Postgres, is what the states say of themselves."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import visitors

from api.cases.kinds import Kind
from api.registry import KINDS
from models.database import Database

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
ENDINGS = {"archived_at", "deleted_at", "refunded_at", "unwound_at"}
COUNTS = (0, 1, 2)


@pytest.mark.parametrize("entry", KINDS.values(), ids=KINDS)
async def test_a_row_is_open_as_long_as_its_state_is_not_over(database: Database, entry: Kind) -> None:
    """Whatever its status is and is not, and each column that either of the two might look at."""
    aggregate = entry.aggregate
    table, condition = aggregate.model.__table__, aggregate.open_rows()
    named = {each.name for each in visitors.iterate(condition) if isinstance(each, sa.Column)}
    others = sorted((named | ENDINGS & set(table.c.keys())) - {"status"})
    columns = [table.c.status, *(table.c[name] for name in others)]
    rows = list(product(table.c.status.type.enums, *(_values(table.c[name]) for name in others)))
    asked = str(condition.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))  # type: ignore[no-untyped-call]
    given = sa.values(
        sa.column("place", sa.Integer),
        *(sa.column(each.name, sa.Text if each.name == "status" else each.type) for each in columns),
        name=table.name,
    ).data([(place, *row) for place, row in enumerate(rows)])
    query = sa.select(sa.literal_column(asked)).select_from(given).order_by(given.c.place)
    async with database.transaction() as session:
        open_rows = (await session.scalars(query)).all()
    kind_of_status = aggregate.model.model_fields["status"].annotation
    for row, is_open in zip(rows, open_rows, strict=True):
        known = dict(zip(others, row[1:], strict=True))
        over = aggregate.state(status=kind_of_status(row[0]), **known).over
        assert is_open is (not over), (row[0], known)


def _values(column: sa.Column[Any]) -> list[Any]:
    values: list[Any] = [None] if column.nullable else []
    return values + ([AT] if isinstance(column.type, sa.DateTime) else list(COUNTS))
