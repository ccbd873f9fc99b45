"""The sweep of account mail: what goes on failing hides nothing behind it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from activities.mail import accounts
from activities.mail.accounts import AccountMailActivities
from domain.cases import StepRef
from models.cases import DeliveryRow
from models.database import Database
from tests.activities.desk import Desk, new_desk

AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


class Engine:
    """Stands for it: notes what it is asked to send for one desk, and takes all but some."""

    def __init__(self, desk: Desk, *refused: UUID) -> None:
        self._desk, self._refused = desk, refused
        self.asked: list[UUID] = []

    async def deliver(self, step: StepRef) -> bool:
        if step.tenant_id != self._desk.tenant_id:
            return True
        self.asked.append(step.step_id)
        return step.step_id not in self._refused


async def _owed(desk: Desk, count: int) -> list[UUID]:
    steps = [uuid7() for _ in range(count)]
    async with desk.database.transaction(desk.tenant_id) as session:
        session.add_all(
            DeliveryRow(
                tenant_id=desk.tenant_id,
                step_id=step_id,
                channel="email",
                template="password_reset",
                recipient_id=desk.account_id,
                context={"proven": True},
                correlation_id="test",
                due_at=AN_HOUR_AGO,
                created_at=AN_HOUR_AGO + timedelta(seconds=place),
            )
            for place, step_id in enumerate(steps)
        )
    return steps


async def test_each_sweep_goes_on_where_the_last_has_stopped(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "STEPS_PER_SWEEP", 2)
    desk = await new_desk(database)
    owed, engine = await _owed(desk, 3), Engine(desk)
    mail = AccountMailActivities(database, engine.deliver, after=timedelta(seconds=5))
    for _ in range(3):
        await mail.sweep()
    assert engine.asked == [*owed, *owed[:2]]


async def test_where_the_engine_takes_nothing_the_sweep_ends_and_the_next_begins_behind_it(database: Database) -> None:
    desk = await new_desk(database)
    owed = await _owed(desk, 3)
    engine = Engine(desk, owed[1])
    mail = AccountMailActivities(database, engine.deliver, after=timedelta(seconds=5))
    await mail.sweep()
    assert engine.asked == owed[:2]
    await mail.sweep()
    assert engine.asked == owed
    await mail.sweep()
    assert engine.asked == [*owed, *owed[:2]]
