"""A running worker with today's code."""

from collections.abc import AsyncIterator

import pytest

from tests.rollouts.real_world import RealWorld


@pytest.fixture(scope="module")
async def world(real_world: RealWorld) -> AsyncIterator[RealWorld]:
    async with real_world.workers("present"):
        yield real_world
