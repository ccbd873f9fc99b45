"""Which rows are open, asked of Postgres, is what the states say of themselves."""

from datetime import UTC, datetime
from itertools import product

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from api.cases.kinds import Kind
from api.registry import KINDS
from models.database import Database

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
ENDINGS = ("archived_at", "deleted_at", "refunded_at", "unwound_at")
OWED = ("refund_due",)


@pytest.mark.parametrize("entry", KINDS.values(), ids=KINDS)
async def test_a_row_is_open_as_long_as_its_state_is_not_over(database: Database, entry: Kind) -> None:
    aggregate = entry.aggregate
    table = aggregate.model.__table__
    condition = aggregate.open_rows().compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    columns = [each for each in ENDINGS if each in table.c]
    for status in table.c.status.type.enums:
        owing = [name for name in OWED if name in table.c]
        for ended, owed in product([None, *columns], [{}, *({name: 1} for name in owing)]):
            ends = {ended: AT} if ended else {}
            values = ", ".join(
                [f"CAST(:{name} AS timestamptz) AS {name}" for name in ENDINGS]
                + [f"CAST(:{name} AS bigint) AS {name}" for name in OWED]
            )
            query = sa.text(f'SELECT {condition} FROM (SELECT :status AS status, {values}) AS "{table.name}"')
            async with database.transaction() as session:
                is_open = await session.scalar(
                    query, {"status": status, **dict.fromkeys(ENDINGS), **ends, **dict.fromkeys(OWED, 0), **owed}
                )
            kind_of_status = aggregate.model.model_fields["status"].annotation
            assert is_open is not aggregate.state(status=kind_of_status(status), **ends, **owed).over, (
                status,
                ended,
                owed,
            )
