"""A mailbox is fetched turn after turn, read beside it, left alone when it must be, and looked at when it shall be."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.mail.fetching import Ended, Fetched
from runtime.client import DATA_CONVERTER
from tests.stack.engines import time_skipping_server
from tests.stack.waiting import eventually
from tests.workflows.mailboxes import GONE, STANDS, failed, working


@pytest.fixture
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    # One for each: as long as it waits for a turn that another test has begun, no time is skipped.
    async with await time_skipping_server(data_converter=DATA_CONVERTER) as environment:
        yield environment


async def test_it_goes_on_until_the_mailbox_is_no_more(engine: WorkflowEnvironment) -> None:
    kept = Fetched(Ended.IN_TIME, kept=3, standing=STANDS)
    async with working(engine.client, kept, Fetched(Ended.IN_TIME, standing=STANDS), GONE) as post:
        await post.ends()
    assert post.fetched == 3
    assert post.read >= 1


async def test_a_failing_one_is_left_alone_for_as_long_as_it_must(engine: WorkflowEnvironment) -> None:
    async with working(engine.client, failed(900), failed(30), GONE) as post:
        began = await engine.get_current_time()
        await post.ends()
        assert await engine.get_current_time() - began >= timedelta(seconds=930)
    assert post.fetched == 3


async def test_what_arrives_is_read_while_the_turn_goes_on(engine: WorkflowEnvironment) -> None:
    with engine.auto_time_skipping_disabled():
        async with working(engine.client) as post:
            await post.wake()
            await eventually(lambda: post.fetched and post.read, "it has begun")
            before = post.read
            await post.run.signal("arrived", STANDS)
            await eventually(lambda: post.read > before, "it is read")
            assert post.fetched == 1
            told = await post.details()
    assert "**active**" in told
    assert "last UID: 7" in told
    assert "waits for the server" in told


async def test_a_look_ends_the_turn_and_the_pause(engine: WorkflowEnvironment) -> None:
    with engine.auto_time_skipping_disabled():
        async with working(engine.client) as post:
            await post.wake()
            await eventually(lambda: post.fetched == 1, "the first turn")
            post.turns = [failed(900)]
            await post.wake(look=True)
            await eventually(lambda: post.fetched == 2, "the second turn", within=40)
            await eventually(lambda: post.cancelled == 1, "the first is over")
            assert "login_refused" in await post.details() or post.turns == []
            await post.wake(look=True)
            await eventually(lambda: post.fetched == 3, "the third turn, at once")


async def test_one_at_rest_waits_until_it_shall_be_looked_at(engine: WorkflowEnvironment) -> None:
    with engine.auto_time_skipping_disabled():
        async with working(engine.client, Fetched(Ended.AT_REST, standing=STANDS), GONE) as post:
            await post.wake()
            await eventually(lambda: post.fetched == 1, "it rests")
            before = post.read
            await post.wake()
            await eventually(lambda: post.read > before, "what a provider brought is read")
            assert post.fetched == 1
            await post.wake(look=True)
            await eventually(lambda: post.fetched == 2, "it is looked at")
            await post.run.result()


async def test_reading_that_fails_is_tried_again(engine: WorkflowEnvironment) -> None:
    async with working(engine.client, Fetched(Ended.IN_TIME, kept=1), failed(3), GONE) as post:
        post.fails = 2
        await post.ends()
        await eventually(lambda: post.fails == 0, "it was read")
