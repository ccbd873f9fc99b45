"""What holds of every case once all is settled, whatever has crashed meanwhile.

One event for each command that is done and none for one that is refused; versions without a gap; a row that is the fold
of its events; every message sent, and received as one.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from api.registry import KINDS
from tests.e2e.desk import Json, read
from tests.e2e.ledger import Ledger
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

Row = dict[str, Any]
Key = tuple[UUID, UUID]

SETTLED_WITHIN = 90.0
"""An attempt that was cut off is tried again when its own time limit has passed, which is 15 seconds for most."""

_TABLES = {kind.value: entry.cases.model.__tablename__ for kind, entry in KINDS.items()}
"""By kind of case."""
_CONTENT = {
    "ticket": {"subject", "category_id"},
    "quote_request": {"description"},
    "callback": {"phone", "topic", "from_at", "to_at"},
}
"""The columns that no event tells: text that people wrote and can change."""
_OF_EVERY_ROW = {"id", "tenant_id", "created_at", "version", "updated_at"}
_BESIDES_THE_ROW = ("documents", "tasks", "payment", "credit_note", "code")
_BEFORE_ANY_EVENT = {"reminders_sent": 0}


async def check(stack: RunningStack, people: People, ledger: Ledger | None = None) -> None:
    """Waits until nothing is pending any more, then checks every case in the database and all that `ledger` holds."""
    async with await psycopg.AsyncConnection.connect(
        stack.superuser_url, autocommit=True, row_factory=dict_row
    ) as database:

        async def all_settled() -> bool:
            return not await _rows(
                database,
                "SELECT id FROM command WHERE status = 'pending' "
                "UNION ALL SELECT id FROM delivery WHERE status IN ('pending', 'sending')",
            )

        await eventually(all_settled, "no command and no delivery is pending", within=SETTLED_WITHIN, every=0.2)
        commands = {_key(row): row for row in await _rows(database, "SELECT * FROM command WHERE case_id IS NOT NULL")}
        events = await _rows(database, "SELECT * FROM event ORDER BY case_id, version")
        _one_event_for_each_command_that_is_done(commands, events)
        for kind, table in _TABLES.items():
            _rows_are_the_fold_of_their_events(kind, await _rows(database, f"SELECT * FROM {table}"), events)
        deliveries = await _rows(database, "SELECT * FROM delivery")
    _every_message_was_received(deliveries, await read(people.nobody, "demo/mailbox", limit=10_000))
    _every_reply_told_the_customer(events, deliveries)
    if ledger is not None:
        _every_answer_was_true(ledger, commands.values(), events)


async def _rows(database: psycopg.AsyncConnection[Row], query: str) -> list[Row]:
    cursor = await database.execute(query.encode())
    return await cursor.fetchall()


def _key(row: Row) -> Key:
    """The key of a command, or of an event's command. It includes the tenant, because two tenants may use the same
    id."""
    return row["tenant_id"], row.get("command_id") or row["id"]


def _one_event_for_each_command_that_is_done(commands: dict[Key, Row], events: list[Row]) -> None:
    told = Counter(_key(event) for event in events)
    assert [key for key, count in told.items() if count > 1] == [], "several events for one command"
    done = {key for key, command in commands.items() if command["status"] == "done"}
    assert told.keys() == done, "events and done commands differ"
    for event in events:
        command = commands[_key(event)]
        assert command["result"] == {"version": event["version"]}, command
        assert (command["case_id"], command["actor_id"]) == (event["case_id"], event["actor_id"])


def _rows_are_the_fold_of_their_events(kind: str, rows: list[Row], events: list[Row]) -> None:
    stories: dict[UUID, list[Row]] = {row["id"]: [] for row in rows}
    for event in events:
        if event["case_kind"] == kind:
            stories[event["case_id"]].append(event)
    for row in rows:
        story = stories[row["id"]]
        assert [event["version"] for event in story] == list(range(1, row["version"] + 1)), row["id"]
        if story:
            decided = {name for name in row if name not in _OF_EVERY_ROW | _CONTENT.get(kind, set())}
            assert {name: _json(row[name]) for name in decided} == _fold(story, decided), row["id"]
            assert row["updated_at"] == story[-1]["at"]


def _fold(story: Iterable[Row], names: Iterable[str]) -> Json:
    told = {name: _BEFORE_ANY_EVENT.get(name) for name in names}
    for event in story:
        told |= {name: value for name, value in event["changes"].items() if name not in _BESIDES_THE_ROW}
    return told


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _every_message_was_received(deliveries: list[Row], mailbox: list[Json]) -> None:
    assert [delivery for delivery in deliveries if delivery["status"] != "sent"] == []
    received = Counter(mail["message_id"] for mail in mailbox)
    assert received == Counter(delivery["message_id"] for delivery in deliveries), "mails and deliveries differ"


def _every_reply_told_the_customer(events: list[Row], deliveries: list[Row]) -> None:
    told = Counter(delivery["step_id"] for delivery in deliveries if delivery["template"] == "ticket_answered")
    assert told == Counter(event["command_id"] for event in events if event["kind"] == "agent_replied")


def _every_answer_was_true(ledger: Ledger, commands: Iterable[Row], events: list[Row]) -> None:
    told = {str(event["command_id"]) for event in events}
    settled = {str(command["id"]) for command in commands}
    for answer in ledger.answers:
        if answer.done:
            assert answer.command_id in told, f"answered as done and forgotten: {answer}"
        elif answer.status == 202:
            assert answer.command_id in settled, f"promised and forgotten: {answer}"
        else:
            assert answer.body["code"], answer
            assert answer.command_id not in told, f"refused and done all the same: {answer}"
