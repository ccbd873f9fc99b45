"""Numbers that people see, such as `TCK-20261120-00042`. They are taken in the step's transaction: a rollback uses none
up."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models.cases import NumberCounter
from models.plain import Plain
from models.round_trips import run
from models.tenants import Tenant


async def next_number(session: AsyncSession, tenant: Tenant, prefix: str, at: datetime, digits: int) -> str:
    """The next number of a series that begins anew each day of the tenant's own timezone, as `TCK-20261120-00042`.

    Its counter stays locked until the transaction ends, so take it late.
    """
    series = f"{prefix}-{at.astimezone(ZoneInfo(tenant.timezone)):%Y%m%d}"
    [counted] = await run(session, _COUNT(tenant_id=tenant.id, series=series, last=1))
    return f"{series}-{counted.last:0{digits}d}"


_COUNT = Plain(
    insert(NumberCounter)
    .on_conflict_do_update(index_elements=["tenant_id", "series"], set_={"last": NumberCounter.last + 1})
    .returning(col(NumberCounter.last)),
    ("tenant_id", "series", "last"),
)
