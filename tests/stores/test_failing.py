"""Which activities keep failing: of every tenant, and only as long as somebody hears of them."""

from datetime import UTC, datetime, timedelta

import pytest

from models.database import Database
from models.failing import FailingActivity
from stores.failing import NOT_HEARD_OF_FOR, failing, forget_failure, forget_unheard_of, note_attempt, note_failure
from tests.activities.desk import Desk, new_desk

A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    """When the test runs: long before that its module may have been read."""
    return datetime.now(UTC)


def _failed(
    desk: Desk, attempts: int, now: datetime, ago: timedelta = timedelta(), ident: str = "1"
) -> FailingActivity:
    return FailingActivity(
        tenant_id=desk.tenant_id,
        workflow_id="ticket/1",
        activity_id=ident,
        activity="ticket.take_step",
        attempts=attempts,
        fault=f"fault_{attempts}",
        since=now - timedelta(hours=attempts),
        failed_at=now - ago,
    )


async def test_the_last_failure_counts_and_since_the_first_until_it_ends(database: Database, now: datetime) -> None:
    one, other = await new_desk(database), await new_desk(database)
    await note_failure(database, _failed(one, 3, now, A_MINUTE))
    await note_failure(database, _failed(other, 5, now))
    await note_failure(database, _failed(one, 4, now))
    assert await note_attempt(database, _failed(one, 5, now)) == "fault_4"
    found = [each for each in await failing(database) if each.tenant_id in (one.tenant_id, other.tenant_id)]
    assert [(each.tenant_id, each.attempts, each.fault, each.since) for each in found] == [
        (other.tenant_id, 5, "fault_5", now - timedelta(hours=5)),
        (one.tenant_id, 5, "fault_4", now - timedelta(hours=3)),
    ]
    await forget_failure(database, one.tenant_id, "ticket/1", "1")
    await forget_failure(database, other.tenant_id, "ticket/1", "1")
    assert not {one.tenant_id, other.tenant_id} & {each.tenant_id for each in await failing(database)}


async def test_what_is_not_heard_of_any_more_is_not_shown_and_removed(database: Database, now: datetime) -> None:
    desk = await new_desk(database)
    await note_failure(database, _failed(desk, 3, now, NOT_HEARD_OF_FOR + A_MINUTE, "gone"))
    await note_failure(database, _failed(desk, 3, now, ident="present"))
    assert [each.activity_id for each in await failing(database) if each.tenant_id == desk.tenant_id] == ["present"]
    await forget_unheard_of(database)
    async with database.transaction(desk.tenant_id) as session:
        assert await session.get(FailingActivity, (desk.tenant_id, "ticket/1", "gone")) is None
        assert await session.get(FailingActivity, (desk.tenant_id, "ticket/1", "present"))
        await session.delete(await session.get_one(FailingActivity, (desk.tenant_id, "ticket/1", "present")))
