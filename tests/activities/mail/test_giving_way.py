"""Mail gives way to what people do: how many mails are in hand meanwhile."""

import asyncio
from contextlib import suppress
from uuid import uuid4

from activities.mail.giving_way import FEW, MANY, GivingWay, InHand

CROWD = 100


async def most_at_once(turn: InHand, crowd: int = CROWD) -> tuple[int, int]:
    """How many of a crowd had a place at the same time, and how many had one at all."""
    inside, most, served = 0, 0, 0

    async def one() -> None:
        nonlocal inside, most, served
        await turn.take()
        inside += 1
        most, served = max(most, inside), served + 1
        await asyncio.sleep(0)
        inside -= 1
        turn.give_back()

    await asyncio.gather(*(one() for _ in range(crowd)))
    return most, served


async def test_many_are_in_hand_as_long_as_nobody_else_wants_anything() -> None:
    way = GivingWay()
    with way.turn() as turn:
        assert await most_at_once(turn) == (MANY, CROWD)


async def test_few_are_in_hand_while_people_act_or_mails_are_fetched() -> None:
    acted, fetched = GivingWay(), GivingWay()
    acted.command_taken(uuid4())
    fetched.fetched()
    for way in (acted, fetched):
        with way.turn() as turn:
            assert await most_at_once(turn, FEW * 3) == (FEW, FEW * 3)


async def test_what_mails_themselves_ask_for_is_nobody_who_waits() -> None:
    way, command_id = GivingWay(), uuid4()
    with way.carries(command_id):
        way.command_taken(command_id)
    with way.turn() as turn:
        assert await most_at_once(turn) == (MANY, CROWD)


async def test_mailboxes_share_what_there_is() -> None:
    way = GivingWay()
    with way.turn() as one, way.turn() as other:
        assert [await most_at_once(turn) for turn in (one, other)] == [(MANY // 2, CROWD)] * 2


async def test_those_who_wait_go_on_when_nobody_else_wants_anything_any_more() -> None:
    way = GivingWay()
    way.fetched()
    with way.turn() as turn:
        async with asyncio.timeout(30):
            for _ in range(MANY):
                await turn.take()


async def test_who_waited_in_vain_leaves_no_place_taken() -> None:
    way = GivingWay()
    with way.turn() as turn:
        for _ in range(MANY):
            await turn.take()
        waiting = [asyncio.create_task(turn.take()) for _ in range(CROWD)]
        await asyncio.sleep(0)
        turn.give_back()
        for each in waiting:
            each.cancel()
            with suppress(asyncio.CancelledError):
                await each
                turn.give_back()
        for _ in range(MANY - 1):
            turn.give_back()
        assert await most_at_once(turn) == (MANY, CROWD)
