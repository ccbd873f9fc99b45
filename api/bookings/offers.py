"""Which services somebody sees, and that those that a body names are there."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.problems import field_error
from api.identity.callers import Caller
from domain.people.permissions import Permission
from models.services import Service


def sees_all(caller: Caller) -> bool:
    """Whether the caller is one of the people of the tenant, who see what customers do not."""
    return caller.customer_id is None and caller.may(Permission.BOOKINGS_READ_ALL)


def visible(caller: Caller) -> sa.Select[Service]:
    """The services that the caller may see: customers only those that can be booked."""
    query = sa.select(Service).where(col(Service.tenant_id) == caller.tenant_id)
    return query if sees_all(caller) else query.where(col(Service.bookable))


async def hold_services(session: AsyncSession, tenant_id: UUID, service_ids: Sequence[UUID]) -> None:
    """Keeps these services from being deleted until the transaction ends. Raises 422 for one that is not there."""
    known = set(
        await session.scalars(
            sa.select(col(Service.id))
            .where(col(Service.tenant_id) == tenant_id, col(Service.id).in_(service_ids))
            .order_by(col(Service.id))
            .with_for_update(read=True, key_share=True)
        )
    )
    for place, service_id in enumerate(service_ids):
        if service_id not in known:
            raise field_error(f"service_ids.{place}", "unknown", "There is no service with this id.")
