"""Bookings for calendars: one of them as a file, and a person's own as a calendar to subscribe to.

The address of such a calendar is secret, because calendars cannot log in. Only its hash is kept; a new one ends the
old.
"""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Path, Response
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.bookings.schemas import CalendarAddressView
from api.bookings.views import BOOKINGS
from api.http.openapi import MAKES_ELSEWHERE, problems
from api.http.problems import not_found
from api.http.public_paths import PUBLIC
from api.http.rate_limits import PUBLIC_CATALOGUE, limited
from api.http.route_names import API_PREFIX
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.identity.named_tenant import TenantId
from domain.bookings.invitation import Method, content_type, feed, write
from domain.people.permissions import Permission
from models.bookings import Booking, CalendarFeed
from models.people import Account, Membership
from models.services import TeamMember
from models.tenants import Tenant
from stores.bookings.calendars import invitations, on_show

SHOWN_SINCE = timedelta(days=90)
MOST_SHOWN = 500
MEDIA_TYPE = content_type(Method.PUBLISH)

router = Router(tags=["bookings"])
public = Router(
    prefix=f"{PUBLIC}/{{tenant_slug}}/calendars",
    tags=["bookings"],
    dependencies=[Depends(limited(PUBLIC_CATALOGUE))],
    responses=problems(HTTPStatus.NOT_FOUND),
)

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.BOOKINGS_READ))]
Secret = Annotated[str, Path(min_length=20, max_length=100, pattern=r"^[\w-]+$")]
CALENDAR: dict[int | str, dict[str, object]] = {200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}}


@router.get("/bookings/{booking_id}/ics", response_class=Response, responses=CALENDAR)
async def download_booking(booking_id: UUID, caller: Reader, service: Service) -> Response:
    """The booking as a file that calendars open."""
    async with service.database.transaction(caller.tenant_id) as session:
        booking = await BOOKINGS.find(session, caller, booking_id)
        return await as_file(session, service, booking)


async def as_file(session: AsyncSession, service: Services, booking: Booking) -> Response:
    """A booking as a file that calendars open."""
    [invitation] = await invitations(session, [booking], service.settings.mail_from)
    headers = {"Content-Disposition": f'attachment; filename="{booking.number}.ics"'}
    return Response(write(invitation), media_type=MEDIA_TYPE, headers=headers)


@router.post(
    "/me/calendar",
    response_model=CalendarAddressView,
    status_code=HTTPStatus.CREATED,
    responses=MAKES_ELSEWHERE,
)
async def renew_calendar_address(caller: Reader, service: Service, response: Response) -> CalendarAddressView:
    """A new secret address of one's own bookings, to be subscribed to; the old one ends. It is told once."""
    secret = secrets.token_urlsafe(32)
    values = {"account_id": caller.account_id, "tenant_id": caller.tenant_id, "secret_hash": _hash(secret)}
    made = insert(CalendarFeed).values(id=sa.func.uuidv7(), **values)
    renewed = made.on_conflict_do_update(
        index_elements=["tenant_id", "account_id"], set_={"secret_hash": made.excluded.secret_hash}
    )
    async with service.database.transaction(caller.tenant_id) as session:
        await session.execute(renewed)
        slug = (await session.get_one(Tenant, caller.tenant_id)).slug
    path = f"{API_PREFIX}/public/{slug}/calendars/{secret}.ics"
    response.headers["Location"] = path
    return CalendarAddressView(address=f"{service.settings.public_url or ''}{path}")


@router.delete("/me/calendar", status_code=HTTPStatus.NO_CONTENT)
async def end_calendar_address(caller: Reader, service: Service) -> None:
    """Ends the address, if there is one."""
    mine = (col(CalendarFeed.tenant_id) == caller.tenant_id) & (col(CalendarFeed.account_id) == caller.account_id)
    async with service.database.transaction(caller.tenant_id) as session:
        await session.execute(sa.delete(CalendarFeed).where(mine))


@public.get("/{secret}.ics", response_class=Response, responses=CALENDAR)
async def read_calendar(secret: Secret, tenant_id: TenantId, service: Service) -> Response:
    """The bookings of whose address this is: those they made, those made for their customer, and those they keep."""
    async with service.database.transaction(tenant_id) as session:
        membership = await _whose(session, tenant_id, secret)
        tenant = await session.get_one(Tenant, tenant_id)
        shown = await session.scalars(
            sa.select(Booking)
            .where(col(Booking.tenant_id) == tenant_id, _of(membership), on_show(datetime.now(UTC) - SHOWN_SINCE))
            .order_by(col(Booking.starts_at))
            .limit(MOST_SHOWN)
        )
        events = await invitations(session, shown.all(), service.settings.mail_from)
    # Half a second for as many as there can be.
    calendar = await asyncio.to_thread(feed, tenant.name, events)
    return Response(calendar, media_type=MEDIA_TYPE, headers={"Cache-Control": "private, max-age=900"})


def _of(membership: Membership) -> sa.ColumnElement[bool]:
    kept = sa.select(col(TeamMember.id)).where(
        col(TeamMember.tenant_id) == membership.tenant_id, col(TeamMember.account_id) == membership.account_id
    )
    theirs = (col(Booking.requester_id) == membership.account_id) | col(Booking.team_member_id).in_(kept)
    if membership.customer_id:
        theirs |= col(Booking.customer_id) == membership.customer_id
    return theirs


async def _whose(session: AsyncSession, tenant_id: UUID, secret: str) -> Membership:
    """Whose address it is, as long as that person belongs to the tenant. Raises 404."""
    membership: Membership | None = await session.scalar(
        sa.select(Membership)
        .join(CalendarFeed, col(CalendarFeed.account_id) == col(Membership.account_id))
        .join(Account, col(Account.id) == col(Membership.account_id))
        .where(
            col(Membership.tenant_id) == tenant_id,
            col(CalendarFeed.tenant_id) == tenant_id,
            col(CalendarFeed.secret_hash) == _hash(secret),
            col(Account.disabled_at).is_(None),
        )
    )
    if membership is None:
        raise not_found("calendar")
    return membership


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
