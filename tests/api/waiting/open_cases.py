"""Open cases of all kinds, as their rows and events are, without workflows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from api.registry import KINDS
from domain.cases import ActorKind, CaseKind, Party
from domain.tasks.rules import TaskKind
from models.cases import EventRow
from models.people import Customer
from models.services import Service
from models.tasks import TaskRow
from tests.api.house import Company

FIRST = datetime(2026, 1, 5, 8, tzinfo=UTC)
SALE = {"currency": "EUR", "locale": "en"}
WINDOW = {"from_at": FIRST, "to_at": FIRST + timedelta(hours=1)}
VISIT = {"starts_at": FIRST, "ends_at": FIRST + timedelta(hours=1), "currency": "EUR"}


@dataclass(frozen=True)
class Opened:
    """A case, whom its events say it waits for, and since when."""

    kind: CaseKind
    id: UUID
    party: Party
    since: datetime


async def open_cases(company: Company, many: int) -> list[Opened]:
    """Makes so many, evenly of all kinds and states; every seventh has a task or two. Some more are over."""
    tenant_id, account_id = UUID(company.admin.me["tenant"]["id"]), UUID(company.admin.id)
    customers = [{"id": uuid7(), "tenant_id": tenant_id, "kind": "individual", "name": "C"} for _ in range(many)]
    service_id = uuid7()
    service = {"name": "Visit", "timezone": "UTC", "duration_minutes": 60, "slot_minutes": 60, "windows": []}
    service |= {"id": service_id, "tenant_id": tenant_id, "booking_types": ["standard"], "currency": "EUR"}
    states = [(entry, status) for entry in KINDS.values() for status in entry.aggregate.model.status.type.enums]
    rows: dict[CaseKind, list[dict[str, Any]]] = {kind: [] for kind in CaseKind}
    events, tasks, opened = list[dict[str, Any]](), list[dict[str, Any]](), list[Opened]()
    number = 0
    while len(opened) < many:
        entry, status = states[number % len(states)]
        since = FIRST + timedelta(minutes=number)
        customer_id = customers[len(opened)]["id"]
        row = _row(entry.kind, account_id, customer_id, service_id) | {"tenant_id": tenant_id, "status": status}
        row |= {"version": 2, "number": f"N-{number}", "status_since": since}
        case = {"tenant_id": tenant_id, "case_kind": entry.kind, "case_id": row["id"]}
        for version, at in ((1, since - timedelta(days=1)), (2, since)):
            changes = {"status": status if version == 2 else "before"}
            event = {"id": uuid7(), "version": version, "kind": "moved", "at": at, "changes": changes}
            events.append(case | event | {"actor_kind": ActorKind.SYSTEM, "correlation_id": "", "command_id": uuid7()})
        rows[entry.kind].append(row)
        number += 1
        if status not in entry.waits_for or (entry.kind, status) in _OVER:
            continue
        party = entry.waits_for[status]
        if len(opened) % 7 == 0:
            party, since = Party.ROLE, since + timedelta(seconds=1)
            tasks += [
                _task(case | {"case_number": row["number"]}, since + timedelta(seconds=later))
                for later in range(1 + len(opened) % 2)
            ]
        opened.append(Opened(entry.kind, row["id"], party, since))
    async with company.house.database.transaction(tenant_id) as session:
        await session.execute(sa.insert(Customer), customers)
        await session.execute(sa.insert(Service), [service | {"base_price": 1}])
        for kind, of_kind in rows.items():
            if of_kind:
                await session.execute(sa.insert(KINDS[kind].aggregate.model), of_kind)
        await session.execute(sa.insert(EventRow), events)
        await session.execute(sa.insert(TaskRow), tasks)
    return opened


_OVER = {
    (CaseKind.INVOICE, "cancelled"),
    (CaseKind.BOOKING_SERIES, "ended"),
    (CaseKind.BOOKING_SERIES, "cancelled"),
}
"""As they are made here: nothing is to be returned, or left to do."""


def _row(kind: CaseKind, account_id: UUID, customer_id: UUID, service_id: UUID) -> dict[str, Any]:
    if kind is CaseKind.KYC:
        return {"id": customer_id}
    case_id = uuid7()
    of_kind: dict[str, Any] = {
        CaseKind.TICKET: {"subject": "S", "requester_id": account_id},
        CaseKind.QUOTE: {"root_id": case_id, "author_id": account_id, **SALE},
        CaseKind.QUOTE_REQUEST: {"requester_id": account_id, "description": "A"},
        CaseKind.CALLBACK: {"requester_id": account_id, "phone": "1", "topic": "T", **WINDOW},
        CaseKind.ORDER: {"requester_id": account_id, "content_id": None, **SALE},
        CaseKind.INVOICE: {"author_id": account_id, **SALE},
        CaseKind.BOOKING: {"service_id": service_id, **VISIT},
        CaseKind.MAIL_MATTER: {"about": "held", "regards": str(case_id), "last_at": FIRST},
        CaseKind.BOOKING_SERIES: {"service_id": service_id, "rule": "FREQ=DAILY", "timezone": "UTC"},
    }[kind]
    starts = {"starts_at": FIRST} if kind is CaseKind.BOOKING_SERIES else {}
    return {"id": case_id, "customer_id": customer_id, **of_kind, **starts}


def _task(case: dict[str, Any], at: datetime) -> dict[str, Any]:
    words = {"kind": TaskKind.FULFILMENT, "title": "T", "role": "agent"}
    nothing: dict[str, Any] = {"decisions": ["done"], "approvals": [], "excluded": [], "form": [], "moments": []}
    return case | words | nothing | {"id": uuid7(), "approvals_needed": 1, "opened_at": at, "due_at": at}
