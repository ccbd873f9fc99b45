"""A worker dies after sending a mail and before recording it: the second copy has the same Message-ID."""

import os
import signal

import httpx2
import psycopg

from runtime.mailbox import count_receipts
from tests.e2e import invariants
from tests.e2e.desk import do, mailed, open_ticket
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

CLAIMED = "SELECT message_id FROM delivery WHERE case_id = %s AND status = 'sending'"
WAITING = "SELECT pid FROM pg_locks WHERE NOT granted"


async def test_a_mail_that_is_sent_again_after_a_crash_is_the_same_mail(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    await mailed(people, ticket, "we have received your request")
    catcher, backs = stack.part("mail-catcher"), stack.said("worker is back")
    async with await psycopg.AsyncConnection.connect(stack.superuser_url) as database:
        os.kill(catcher, signal.SIGSTOP)
        try:
            await do(agent, ticket, "messages", body="On its way")
            message_id = await eventually(lambda: _claimed(database, ticket["id"]), "the worker is about to send")
            # From here on the worker can send, but not write down that it has.
            await database.execute(f"{CLAIMED} FOR UPDATE".encode(), [ticket["id"]])
        finally:
            os.kill(catcher, signal.SIGCONT)
        await mailed(people, ticket, "Answer this mail")
        os.kill(stack.part("worker"), signal.SIGKILL)
        # What it has already asked the database to write must come to nothing, too.
        await eventually(lambda: _nobody_waits(database), "the database has given up on the dead worker")

    await eventually(lambda: stack.said("worker is back") > backs, "the worker runs again", within=60)
    await eventually(lambda: count_receipts(stack.home)[message_id] == 2, "the mail is sent again", within=60)
    [mail] = await mailed(people, ticket, "Answer this mail")
    assert mail["message_id"] == message_id
    await invariants.check(stack, people)


async def _nobody_waits(database: psycopg.AsyncConnection[tuple[str]]) -> bool:
    return not await (await database.execute(WAITING)).fetchone()


async def _claimed(database: psycopg.AsyncConnection[tuple[str]], ticket_id: str) -> str | None:
    row = await (await database.execute(CLAIMED, [ticket_id])).fetchone()
    await database.rollback()
    return row[0] if row else None
