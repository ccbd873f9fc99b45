"""Whatever is killed while mail comes in, each mail is kept once, and opens or joins one ticket once.

In small: `make chaos CHAOS_ARGS="--mails 1000"` does it with a thousand.
"""

from random import Random

from tests.chaos.mailbox import MailStorm
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

MAILS, KILLS, SEED = 40, 3, 7


async def test_each_mail_is_kept_and_told_once_whatever_is_killed(stack: RunningStack) -> None:
    storm = MailStorm(stack, "support@globex.example")
    await storm.begin()
    await storm.rage(Random(SEED), mails=MAILS, kills=KILLS)
    assert await storm.faults() == []
    assert storm.killed.total() == KILLS
    await eventually(lambda: storm.unflagged() == 0, "all are marked as seen", within=90)
