"""That what the tests of lifecycles begin is replayed at all."""

from tests.workflows.world import World


async def test_a_case_that_a_test_opens_is_replayed_once(world: World) -> None:
    ticket = await world.open_ticket()
    client = world.environment.client

    assert ticket.case in await world.begun.replay(client)
    assert await world.begun.replay(client) == []
