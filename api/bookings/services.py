"""What a tenant offers to be booked."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit
from api.bookings.bodies import given, made_of, require_hours
from api.bookings.offers import sees_all, visible
from api.bookings.service_schemas import EditServiceBody, ServiceBody, ServiceView, StaffServiceView
from api.cases.commands import AskingAnewDep, create_once
from api.http.paging import PagingDep, order_of, page, sorts_by
from api.http.payloads import Page
from api.http.problems import conflict, field_error, not_found
from api.http.routing import Router
from api.http.search import contains
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.people.permissions import Permission
from models.bookings import Appointment, Booking, BookingSeries
from models.services import PromoCode, Service, TeamMemberService
from models.tenants import Tenant

router = Router(prefix="/services", tags=["bookings"])

ServicesDep = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.BOOKINGS_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.BOOKINGS_SET_UP))]

_CAN_BE_WITHOUT = frozenset({"description", "daily_cap", "base_price", "hourly_price"})


@router.get("")
async def list_services(
    caller: Reader,
    service: ServicesDep,
    paging: PagingDep,
    bookable: bool | None = None,
    q: Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="Of the name")] = None,
    sort: Annotated[str, sorts_by("name", "created_at")] = "name",
) -> Page[StaffServiceView | ServiceView]:
    """The services that the caller may see, by name; customers see those that can be booked."""
    query = visible(caller)
    if bookable is not None:
        query = query.where(col(Service.bookable) == bookable)
    if q:
        query = query.where(contains(Service.name, q))
    order = order_of(sort, {"name": Service.name, "created_at": Service.created_at}, Service.id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[_view(caller, row) for row in rows], next_cursor=cursor, total=total)


@router.post("", status_code=HTTPStatus.CREATED, response_model=StaffServiceView | ServiceView)
async def create_service(body: ServiceBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Offers a service; 409 `name_taken` when another one has its name."""

    async def create(session: AsyncSession) -> UUID:
        tenant = await session.get_one(Tenant, caller.tenant_id)
        usual: dict[str, Any] = {
            "timezone": tenant.timezone,
            "currency": tenant.currency,
            "slot_minutes": body.duration_minutes,
        }
        offered = Service(tenant_id=caller.tenant_id, **(usual | made_of(body)))
        await _check(session, offered)
        session.add(offered)
        await session.flush()
        await audit(session, caller, "service.created", "service", offered.id)
        return offered.id

    async def read(session: AsyncSession, service_id: UUID) -> ServiceView:
        return _view(caller, await _find(session, caller, service_id))

    return await create_once(asked, caller, "services.create", create=create, at="/services/{}", read=read)


@router.get("/{service_id}")
async def get_service(service_id: UUID, caller: Reader, service: ServicesDep) -> StaffServiceView | ServiceView:
    """One service."""
    async with service.database.transaction(caller.tenant_id) as session:
        return _view(caller, await _find(session, caller, service_id))


@router.patch("/{service_id}")
async def edit_service(
    service_id: UUID, body: EditServiceBody, caller: Writer, service: ServicesDep
) -> StaffServiceView | ServiceView:
    """Changes a service. What is booked stays as it was booked, at its price."""
    values = given(body, can_be_without=_CAN_BE_WITHOUT)
    async with service.database.transaction(caller.tenant_id) as session:
        offered = await _find(session, caller, service_id, lock=True)
        if not values:
            return _view(caller, offered)
        for name, value in (values | {"updated_at": sa.func.now()}).items():
            setattr(offered, name, value)
        with session.no_autoflush:
            await _check(session, offered)
        await session.flush()
        await session.refresh(offered)
        await audit(session, caller, "service.edited", "service", service_id, {"fields": sorted(values)})
        return _view(caller, offered)


@router.delete("/{service_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_service(service_id: UUID, caller: Writer, service: ServicesDep) -> None:
    """Removes a service that was never booked; 409 `service_in_use` otherwise: make it not `bookable` instead."""
    async with service.database.transaction(caller.tenant_id) as session:
        offered = await session.scalar(visible(caller).where(col(Service.id) == service_id).with_for_update())
        if offered is None:
            raise not_found("service")
        for used in (
            sa.select(col(Booking.id)).where(col(Booking.service_id) == service_id),
            sa.select(col(BookingSeries.id)).where(col(BookingSeries.service_id) == service_id),
            sa.select(col(Appointment.id)).where(col(Appointment.service_id) == service_id),
            # Without its last service a code would be good for all of them.
            sa.select(col(PromoCode.id)).where(col(PromoCode.service_ids).contains([service_id])),
        ):
            if await session.scalar(used.limit(1)):
                raise conflict("service_in_use", "Bookings or promo codes are for this service: take it off sale.")
        await session.execute(sa.delete(TeamMemberService).where(col(TeamMemberService.service_id) == service_id))
        await session.delete(offered)
        await session.flush()
        await audit(session, caller, "service.deleted", "service", service_id)


def _view(caller: Caller, offered: Service) -> StaffServiceView | ServiceView:
    return (StaffServiceView if sees_all(caller) else ServiceView).model_validate(offered)


async def _find(session: AsyncSession, caller: Caller, service_id: UUID, *, lock: bool = False) -> Service:
    query = visible(caller).where(col(Service.id) == service_id)
    offered: Service | None = await session.scalar(query.with_for_update(key_share=True) if lock else query)
    if offered is None:
        raise not_found("service")
    return offered


async def _check(session: AsyncSession, offered: Service) -> None:
    """Raises Problem when there cannot be such a service."""
    require_hours(offered.timezone, offered.windows)
    if offered.peak:
        hours = [
            {"weekday": weekday, "opens": peak["opens"], "closes": peak["closes"]}
            for peak in offered.peak
            for weekday in peak["weekdays"]
        ]
        require_hours(offered.timezone, hours, "peak")
    if (offered.base_price is None) == (offered.hourly_price is None):
        field = "base_price" if offered.base_price is None else "hourly_price"
        raise field_error(field, "one_price", "It has either a price for each booking or one for each hour.")
    taken = sa.select(col(Service.id)).where(
        col(Service.tenant_id) == offered.tenant_id, col(Service.name) == offered.name, col(Service.id) != offered.id
    )
    if await session.scalar(taken):
        raise conflict("name_taken", "Another service has this name.")
