"""The gapless numbers of invoices and credit notes: taking one, and proving that none is missing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.invoices.rules import invoice_number, local_year
from models.cases import NumberCounter
from models.invoices import CreditNote, Invoice

INVOICES, CREDIT_NOTES = "INV", "CRN"


async def next_in_series(session: AsyncSession, tenant_id: UUID, series: str, year: int) -> int:
    """The next of a tenant's series in a year.

    Its counter is locked until the transaction ends and forgets the number when that is rolled back, so there is no gap
    and no double, whoever crashes. Take it late: others wait.
    """
    counter = insert(NumberCounter).values(tenant_id=tenant_id, series=f"{series}-{year}", last=1)
    taken = counter.on_conflict_do_update(
        index_elements=["tenant_id", "series"], set_={"last": NumberCounter.last + 1}
    ).returning(col(NumberCounter.last))
    return (await session.scalars(taken)).one()


@dataclass(frozen=True)
class Series:
    """The numbers that a tenant has given in a year, and what is wrong with them."""

    name: str
    year: int
    count: int
    faults: tuple[str, ...]


async def audit_numbers(session: AsyncSession, timezone: str) -> list[Series]:
    """Reads every number of the session's tenant again: none missing, none twice, each in the year in which its paper
    was issued, and the counter where the numbers end."""
    given: dict[tuple[str, int], list[_Given]] = {}
    for series, model in ((INVOICES, Invoice), (CREDIT_NOTES, CreditNote)):
        found = sa.select(col(model.year), col(model.sequence), col(model.number), col(model.issued_at))
        rows: Sequence[Any] = (await session.execute(found.where(col(model.issued_at).is_not(None)))).all()
        for row in rows:
            given.setdefault((series, row.year), []).append(_Given(*row))
    for counter in await session.scalars(sa.select(NumberCounter)):
        series, _, year = counter.series.partition("-")
        if series in (INVOICES, CREDIT_NOTES):
            given.setdefault((series, int(year)), [])
    last = {row.series: row.last for row in await session.scalars(sa.select(NumberCounter))}
    return [
        Series(series, year, len(papers), tuple(_faults(series, year, papers, last.get(f"{series}-{year}"), timezone)))
        for (series, year), papers in sorted(given.items())
    ]


@dataclass(frozen=True)
class _Given:
    year: int
    sequence: int
    number: str
    issued_at: datetime


def _faults(series: str, year: int, papers: list[_Given], last: int | None, timezone: str) -> Iterator[str]:
    times = Counter(paper.sequence for paper in papers)
    highest = max((*times, last or 0))
    for sequence in range(1, highest + 1):
        if times[sequence] != 1:
            number = invoice_number(series, year, sequence)
            yield f"{number} is missing" if not times[sequence] else f"{number} was given {times[sequence]} times"
    for paper in sorted(papers, key=lambda paper: paper.sequence):
        expected = invoice_number(series, year, paper.sequence)
        if paper.number != expected:
            yield f"{paper.number} should be {expected}"
        if (issued := local_year(paper.issued_at, timezone)) != year:
            yield f"{paper.number} was issued in {issued}"
    if last != highest:
        yield f"the counter is at {last}, the numbers end at {highest}"
