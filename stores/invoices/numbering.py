"""The gapless numbers of invoices and credit notes: taking one, and proving that none is missing."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models.cases import NumberCounter

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
