"""What a step refers to and is not there any more: a person hears so, and a deadline's step is taken without it."""

from uuid import UUID, uuid4

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from domain.tickets.state import TicketState
from models.database import Database
from tests.activities.desk import Desk, new_desk
from workflows.parts.refusals import is_refusal


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (lambda nobody: TicketState(group_id=nobody), "group_unknown"),
        (lambda nobody: TicketState(assignee_id=nobody), "assignee_unknown"),
    ],
    ids=["a group that was deleted", "somebody who has left"],
)
async def test_a_command_that_waited_too_long_is_refused_for_good(database: Database, to: object, code: str) -> None:
    desk = await new_desk(database)
    await _take(desk, 1)
    with pytest.raises(ApplicationError) as refused:
        await _take(desk, 2, to(uuid4()))  # type: ignore[operator]
    assert is_refusal(refused.value)
    assert refused.value.type == code
    assert (await desk.ticket()).version == 1


async def test_somebody_who_has_left_may_still_be_what_a_ticket_says(database: Database) -> None:
    desk = await new_desk(database)
    gone = desk.account_id
    await _take(desk, 1)
    async with database.transaction(desk.tenant_id) as session:
        (await session.merge(await desk.ticket())).assignee_id = gone
    await _take(desk, 2, TicketState(assignee_id=gone))
    assert (await desk.ticket()).assignee_id == UUID(str(gone))


async def _take(desk: Desk, version: int, to: TicketState | None = None) -> None:
    step = await desk.ask(version, "opened" if version == 1 else "transferred", to=to)
    await ActivityEnvironment().run(desk.activities.take_step, step)
