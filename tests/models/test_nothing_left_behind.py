"""A transaction that fails before its first statement leaves nothing to the next one on its connection."""

import uuid

import pytest

from models.database import Database


async def test_a_scope_that_was_never_sent_is_not_sent_with_the_next(database: Database) -> None:
    lonely = Database(database.engine.url.render_as_string(hide_password=False), pool_size=1)
    try:
        await _failed_at_a_glance(lonely)
        whose, other = uuid.uuid4(), uuid.uuid4()
        asked = ("SELECT current_setting('app.tenant_id') AS tenant", {})
        assert (await lonely.in_one_go(asked, asked, tenant_id=whose, account_id=other))[0].tenant == str(whose)
        await _failed_at_a_glance(lonely)
        async with lonely.transaction(whose) as session:
            driver = (await (await session.connection()).get_raw_connection()).driver_connection
            await session.connection()
            assert "last" not in vars(driver)
    finally:
        await lonely.close()


async def _failed_at_a_glance(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.glance(uuid.uuid4()):
            raise ZeroDivisionError
