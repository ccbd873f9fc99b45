"""Writes audit entries, and verifies a tenant's chain of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.audit_chain import GENESIS, BrokenLink, Entry, Walk, digest
from models.audit import AuditHead, AuditRow
from models.plain import Plain
from models.round_trips import run, send_with_next

ENTRIES_AT_ONCE = 1_000

_TURN = Plain(
    insert(AuditHead)
    .values(sequence=1, hash=GENESIS)
    .on_conflict_do_update(index_elements=["tenant_id"], set_={"sequence": col(AuditHead.sequence) + 1})
    .returning(col(AuditHead.sequence), col(AuditHead.hash)),
    ("tenant_id", "sequence", "hash"),
)
_ENTRY = Plain(sa.insert(AuditRow), tuple(AuditRow.__table__.columns.keys()))  # type: ignore[attr-defined]
_LINK = Plain(
    sa.update(AuditHead)
    .where(col(AuditHead.tenant_id) == sa.bindparam("of_tenant"))
    .values(hash=sa.bindparam("newest"))
)


@dataclass(frozen=True)
class Verdict:
    """What reading a chain through has shown: the entries that hold, the last one's hash, and the first broken link."""

    count: int
    hash: str
    broken: BrokenLink | None


async def record(
    session: AsyncSession,
    tenant_id: UUID,
    actor_id: UUID | None,
    action: str,
    *,
    entity_kind: str | None = None,
    entity_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
    correlation_id: str,
    address: str | None = None,
) -> None:
    """Adds an entry in the caller's transaction. That locks the tenant's chain until the transaction ends, so call it
    last.

    Raises TypeError for a `detail` that would not come back from the database as it went in.
    """
    [(sequence, previous_hash)] = await run(session, _TURN(tenant_id=tenant_id))
    entry = Entry(
        tenant_id=tenant_id,
        sequence=sequence,
        id=uuid7(),
        # Taken under the lock, so that times rise with the numbers.
        created_at=datetime.now(UTC),
        actor_id=actor_id,
        action=action,
        entity_kind=entity_kind,
        entity_id=entity_id,
        detail=_plain(detail or {}),
        correlation_id=correlation_id,
        address=address,
        previous_hash=previous_hash,
    )
    entry_hash = digest(entry)
    send_with_next(session, _ENTRY(**vars(entry), hash=entry_hash))
    await run(session, _LINK(of_tenant=tenant_id, newest=entry_hash))


async def verify(session: AsyncSession) -> Verdict:
    """Walks the chain of the session's tenant as it is at this moment."""
    # One statement, so one snapshot: entries that are added meanwhile are neither seen nor missed.
    everything = (
        sa.select(AuditHead, AuditRow)
        .join_from(AuditHead, AuditRow, col(AuditHead.tenant_id) == col(AuditRow.tenant_id), full=True)
        .order_by(col(AuditRow.sequence), col(AuditRow.id))
        .execution_options(yield_per=ENTRIES_AT_ONCE)
    )
    walk = Walk()
    head: AuditHead | None = None
    async for found, row in await session.stream(everything):
        head = found
        if row is not None and (broken := walk.step(_entry(row), row.hash)):
            return Verdict(walk.count, walk.hash, broken)
    ending = walk.end(head.sequence if head else None, head.hash if head else None)
    return Verdict(walk.count, walk.hash, ending)


def _entry(row: AuditRow) -> Entry:
    return Entry(**{name: getattr(row, name) for name in Entry.__dataclass_fields__})


def _plain(value: Any) -> Any:
    """The value as JSON that reads back the same. A fraction does not: the database may write it in another way."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    raise TypeError(f"an audit's detail cannot hold a {type(value).__name__}")
