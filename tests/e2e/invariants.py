"""What holds of every case once all is settled, whatever has crashed meanwhile.

One event for each command that is done and none for one that is refused; versions without a gap; a row that is the fold
of its events, by transitions that are allowed; every deadline recorded once; every message sent, and received as one.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from api.registry import KINDS
from domain.cases import CaseKind
from domain.refusal import Refusal
from ops.embedded.maildirs import MAILBOXES
from tests.e2e.desk import Json, read
from tests.e2e.findings import Finding, Harm
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
    "ticket": {"subject", "category_id", "due_at"},
    "quote_request": {"description"},
    "callback": {"phone", "topic", "from_at", "to_at"},
    "booking": {"notes", "promo_code_id"},
    "booking_series": {"notes"},
    "mail_matter": {"about", "regards", "mail_id", "ticket_id", "customer_id", "last_at"},
}
"""The columns that no event tells: text that people wrote and can change, and what the database computes of others."""
_OF_EVERY_ROW = {"id", "tenant_id", "created_at", "version", "updated_at"}
_BESIDES_THE_ROW = (
    *("documents", "tasks", "payment", "credit_note", "code", "target_gone", "lines", "booked", "skipped"),
    *("participants_added", "participants_removed"),
)
_BEFORE_ANY_EVENT: dict[str, dict[str, Any]] = {
    "ticket": {"reminders_sent": 0},
    "booking": {"sequence": 0},
    "booking_series": {"occurrences": 0, "opened": 0, "cancelled": 0},
}

_PLACES = """
SELECT booking.id, 'has no place' AS what FROM booking LEFT JOIN seat ON seat.booking_id = booking.id
WHERE booking.version > 0 AND booking.status NOT IN ('cancelled', 'expired') AND seat.id IS NULL
UNION ALL
SELECT booking.id, 'keeps its place' FROM booking JOIN seat ON seat.booking_id = booking.id
WHERE booking.status IN ('cancelled', 'expired')
UNION ALL
SELECT booking.id, 'has its place at another time' FROM booking JOIN seat ON seat.booking_id = booking.id
JOIN appointment ON appointment.id = seat.appointment_id
WHERE (booking.starts_at, booking.ends_at, booking.team_member_id)
    <> (appointment.starts_at, appointment.ends_at, appointment.team_member_id)
UNION ALL
SELECT appointment.id, 'is nobody''s' FROM appointment LEFT JOIN seat ON seat.appointment_id = appointment.id
WHERE seat.id IS NULL
"""
"""Bookings whose places are not what they should be."""

_LEFT_OF_CANCELLED_ORDERS = """
SELECT sales_order.id, 'stock that is ' || stock_claim.status AS what FROM sales_order
JOIN stock_claim ON stock_claim.case_id = sales_order.id
WHERE sales_order.unwound_at IS NOT NULL AND stock_claim.status <> 'released'
UNION ALL
SELECT sales_order.id, 'an invoice that is ' || invoice.status FROM sales_order
JOIN invoice ON invoice.order_id = sales_order.id
WHERE sales_order.unwound_at IS NOT NULL AND invoice.status <> 'cancelled'
UNION ALL
SELECT sales_order.id, 'an invoice without a credit note' FROM sales_order
JOIN invoice ON invoice.order_id = sales_order.id
LEFT JOIN credit_note ON credit_note.invoice_id = invoice.id
WHERE sales_order.unwound_at IS NOT NULL AND invoice.issued_at IS NOT NULL AND credit_note.id IS NULL
UNION ALL
SELECT stock.id, 'movements that add up to something else' FROM stock
JOIN stock_movement ON stock_movement.stock_id = stock.id
GROUP BY stock.id HAVING stock.on_hand <> sum(on_hand_change) OR stock.reserved <> sum(reserved_change)
"""
"""What should be gone when an order has been undone, and pieces that came or went unseen."""


async def check(stack: RunningStack, people: People, ledger: Ledger | None = None) -> None:
    """Waits until nothing is pending any more, then checks every case in the database and all that `ledger` holds."""
    await eventually(lambda: quiet(stack), "no command and no delivery is pending", within=SETTLED_WITHIN, every=0.2)
    found = await findings(stack, people, ledger)
    assert not found, "\n".join(f"{finding.harm}: {finding.what}" for finding in found)


async def quiet(stack: RunningStack) -> bool:
    """Whether no command and no delivery is pending."""
    async with _database(stack) as database:
        return not await _rows(
            database,
            "SELECT id FROM command WHERE status = 'pending' "
            "UNION ALL SELECT id FROM delivery WHERE status IN ('pending', 'sending')",
        )


async def findings(stack: RunningStack, people: People, ledger: Ledger | None = None) -> list[Finding]:
    """Everything that does not hold by now.

    Deadlines go on firing meanwhile: a mail that came after the rows were read is not one too many.
    """
    early = await read(people.nobody, "demo/mailbox", limit=10_000)
    async with _database(stack) as database:
        # All of it as it is at one moment: a step that is taken in between would show its event and not its command.
        await database.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        every = await _rows(database, "SELECT * FROM command")
        events = await _rows(database, "SELECT * FROM event ORDER BY case_id, version")
        deliveries = await _rows(database, "SELECT * FROM delivery")
        breaches = await _rows(database, "SELECT * FROM sla_breach WHERE what = 'breach'")
        rows = {kind: await _rows(database, f"SELECT * FROM {table}") for kind, table in _TABLES.items()}
        left = await _rows(database, _LEFT_OF_CANCELLED_ORDERS)
        places = await _rows(database, _PLACES)
    commands = {_key(row): row for row in every if row["case_id"] is not None}
    late = await read(people.nobody, "demo/mailbox", limit=10_000)
    return [
        *_pending(every),
        *_one_event_for_each_command_that_is_done(commands, events),
        *(each for kind in rows for each in _rows_are_the_fold_of_their_events(kind, rows[kind], events)),
        *(each for kind in rows for each in _transitions_are_allowed(kind, events)),
        *_every_breach_was_told_once(breaches, events),
        *_every_message_was_received(deliveries, early, late),
        *_every_reply_told_the_customer(events, deliveries),
        *(Finding(Harm.LOST, f"order/{each['id']} is cancelled and has {each['what']}") for each in left),
        *(Finding(Harm.ILLEGAL, f"booking/{each['id']} {each['what']}") for each in places),
        *(_every_answer_was_true(ledger, commands.values(), events) if ledger else ()),
    ]


async def late_deadlines(stack: RunningStack) -> list[Finding]:
    """The service levels whose breach should have been recorded a minute ago, by the machine's clock."""
    async with _database(stack) as database:
        late = await _rows(
            database,
            "SELECT ticket_id, kind, clock ->> 'due_at' AS due_at FROM sla_clock WHERE state = 'running' "
            "AND (clock ->> 'due_at')::timestamptz < now() - interval '1 minute'",
        )
    return [
        Finding(
            Harm.STUCK, f"ticket/{clock['ticket_id']}: {clock['kind']} is late", datetime.fromisoformat(clock["due_at"])
        )
        for clock in late
    ]


@asynccontextmanager
async def _database(stack: RunningStack) -> AsyncIterator[psycopg.AsyncConnection[Row]]:
    async with await psycopg.AsyncConnection.connect(
        stack.superuser_url, autocommit=True, row_factory=dict_row
    ) as database:
        yield database


async def _rows(database: psycopg.AsyncConnection[Row], query: str) -> list[Row]:
    cursor = await database.execute(query.encode())
    return await cursor.fetchall()


def _key(row: Row) -> Key:
    """The key of a command, or of an event's command. It includes the tenant, because two tenants may use the same
    id."""
    return row["tenant_id"], row.get("command_id") or row["id"]


def _pending(commands: Iterable[Row]) -> Iterator[Finding]:
    for command in commands:
        if command["status"] == "pending":
            yield Finding(Harm.STUCK, f"nobody answers {_named(command)}", command["created_at"])


def _one_event_for_each_command_that_is_done(commands: dict[Key, Row], events: list[Row]) -> Iterator[Finding]:
    told = Counter(_key(event) for event in events)
    for key, command in commands.items():
        if command["status"] == "done" and told[key] == 0:
            yield Finding(Harm.LOST, f"done without an event: {_named(command)}", command["created_at"])
    for event in events:
        its_command = commands.get(_key(event))
        what = f"event {event['kind']} of {event['case_kind']}/{event['case_id']}"
        if told[_key(event)] > 1:
            yield Finding(Harm.DOUBLED, f"several events for one command: {what}", event["at"])
        elif its_command is None or its_command["status"] != "done":
            yield Finding(Harm.ILLEGAL, f"nobody's command, or one that is not done: {what}", event["at"])
        elif its_command["result"] != {"version": event["version"]}:
            yield Finding(Harm.ILLEGAL, f"{what} is not the result {its_command['result']}", event["at"])
        elif (its_command["case_id"], its_command["actor_id"]) != (event["case_id"], event["actor_id"]):
            yield Finding(Harm.ILLEGAL, f"{what} is another's than its command", event["at"])


def _rows_are_the_fold_of_their_events(kind: str, rows: list[Row], events: list[Row]) -> Iterator[Finding]:
    stories: dict[UUID, list[Row]] = {row["id"]: [] for row in rows}
    for event in events:
        if event["case_kind"] == kind:
            stories[event["case_id"]].append(event)
    for row in rows:
        story, what = stories[row["id"]], f"{kind}/{row['id']}"
        versions = [event["version"] for event in story]
        if versions != list(range(1, row["version"] + 1)):
            yield Finding(Harm.ILLEGAL, f"{what} is at {row['version']}, its events at {versions}", row["updated_at"])
        elif story:
            decided = {name for name in row if name not in _OF_EVERY_ROW | _CONTENT.get(kind, set())}
            told, stands = _fold(kind, story, decided), {name: _json(row[name]) for name in decided}
            if stands != told:
                differ = {name: (stands[name], told[name]) for name in decided if stands[name] != told[name]}
                yield Finding(Harm.ILLEGAL, f"{what} is not the fold of its events: {differ}", row["updated_at"])
            if row["updated_at"] != story[-1]["at"]:
                yield Finding(Harm.ILLEGAL, f"{what} was not written by its last event", row["updated_at"])


def _fold(kind: str, story: Iterable[Row], names: Iterable[str]) -> Json:
    told = {name: _BEFORE_ANY_EVENT.get(kind, {}).get(name) for name in names}
    for event in story:
        # The proof of an order's delivery is in its row; the message of a ticket that did not arrive is not.
        besides = _BESIDES_THE_ROW if "delivery_id" in told else (*_BESIDES_THE_ROW, "delivery_id")
        told |= {name: value for name, value in event["changes"].items() if name not in besides}
    return told


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _transitions_are_allowed(kind: str, events: list[Row]) -> Iterator[Finding]:
    state = KINDS[CaseKind(kind)].workflow.state_type
    status_of = type(state().status)
    current: dict[UUID, Any] = {}
    for event in events:
        if event["case_kind"] == kind and "status" in event["changes"]:
            case_id, to = event["case_id"], status_of(event["changes"]["status"])
            try:
                if case_id in current:
                    state.transition(current[case_id], to)
            except Refusal:
                what = f"{kind}/{case_id} from {current[case_id]} to {to} by {event['kind']}"
                yield Finding(Harm.ILLEGAL, what, event["at"])
            current[case_id] = to


def _every_breach_was_told_once(breaches: list[Row], events: list[Row]) -> Iterator[Finding]:
    told = Counter(event["case_id"] for event in events if event["kind"] == "sla_breached")
    recorded = Counter(breach["ticket_id"] for breach in breaches)
    for case_id in told.keys() | recorded.keys():
        if told[case_id] != recorded[case_id]:
            harm = Harm.DOUBLED if told[case_id] > recorded[case_id] else Harm.LOST
            yield Finding(harm, f"ticket/{case_id}: {recorded[case_id]} breaches, {told[case_id]} events")


def _every_message_was_received(deliveries: list[Row], early: list[Json], late: list[Json]) -> Iterator[Finding]:
    received = Counter(mail["message_id"] for mail in late)
    for delivery in deliveries:
        what = f"message {delivery['template']} of {delivery['case_kind']}/{delivery['case_id']}"
        # The list from which staff send again what was refused holds the messages of cases.
        if delivery["case_kind"] is None and delivery["error_code"] == "message_refused":
            continue
        # What the other side gives back later has reached it.
        if delivery["status"] not in ("sent", "bounced"):
            yield Finding(
                Harm.STUCK, f"{what} is {delivery['status']} ({delivery['error_code']})", delivery["created_at"]
            )
        elif received[delivery["message_id"]] == 0:
            yield Finding(Harm.LOST, f"{what} was sent and not received", delivery["created_at"])
    owed = Counter(delivery["message_id"] for delivery in deliveries)
    for mail in early:
        doubled = received[mail["message_id"]] > 1 or owed[mail["message_id"]] == 0
        if doubled and not _is_for_a_mailbox(mail):
            at = datetime.fromisoformat(mail["received_at"])
            yield Finding(Harm.DOUBLED, f"a message that nobody owed: {mail['subject']}", at)


def _is_for_a_mailbox(mail: Json) -> bool:
    """Whether others have sent it to one of the demo's mailboxes, rather than we to somebody."""
    names = (address.lower().partition("@") for address in mail["recipients"])
    return any(f"{name.partition('+')[0]}@{domain}" in MAILBOXES for name, _, domain in names)


def _every_reply_told_the_customer(events: list[Row], deliveries: list[Row]) -> Iterator[Finding]:
    told = Counter(delivery["step_id"] for delivery in deliveries if delivery["template"] == "ticket_answered")
    for event in events:
        if event["kind"] == "agent_replied" and told.pop(event["command_id"], 0) != 1:
            yield Finding(Harm.LOST, f"the reply {event['command_id']} has no message, or several", event["at"])
    for step_id in told:
        yield Finding(Harm.ILLEGAL, f"a message tells of {step_id}, which is no reply")


def _every_answer_was_true(ledger: Ledger, commands: Iterable[Row], events: list[Row]) -> Iterator[Finding]:
    told = {str(event["command_id"]) for event in events}
    written = {str(command["id"]): command for command in commands}
    for answer in ledger.answers:
        if answer.done and answer.command_id not in told:
            yield Finding(Harm.LOST, f"answered as done and forgotten: {answer}", answer.at)
        elif answer.status == 202 and answer.command_id not in written:
            yield Finding(Harm.LOST, f"promised and forgotten: {answer}", answer.at)
        elif not answer.done and answer.status != 202 and not answer.body.get("code"):
            yield Finding(Harm.ILLEGAL, f"refused without saying why: {answer}", answer.at)
        elif not answer.done and answer.status != 202 and answer.command_id in told:
            yield Finding(Harm.ILLEGAL, f"refused and done all the same: {answer}", answer.at)


def _named(command: Row) -> str:
    return f"{command['kind']} of {command['case_id']}, {command['id']} (fault: {command['fault']})"
