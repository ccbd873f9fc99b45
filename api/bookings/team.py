"""Who is booked, for which services, and when they work."""

from collections import defaultdict
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit
from api.bookings.bodies import given, made_of, require_hours
from api.bookings.offers import hold_services, sees_all
from api.bookings.team_schemas import EditTeamMemberBody, StaffTeamMemberView, TeamMemberBody, TeamMemberView
from api.cases.commands import AskingAnewDep, create_once
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page
from api.http.problems import conflict, field_error, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.people.permissions import Permission
from models.people import Account, Membership
from models.services import Service, TeamMember, TeamMemberService
from models.tenants import Tenant

router = Router(prefix="/team-members", tags=["bookings"])

ServicesDep = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.BOOKINGS_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.BOOKINGS_SET_UP))]

_LONGEST_NAME = 100


@router.get("")
async def list_team_members(
    caller: Reader, service: ServicesDep, paging: PagingDep, service_id: UUID | None = None, active: bool | None = None
) -> Page[StaffTeamMemberView | TeamMemberView]:
    """The team, by name; customers see those who can be booked."""
    query = _visible(caller)
    if service_id:
        does = sa.select(col(TeamMemberService.team_member_id)).where(col(TeamMemberService.service_id) == service_id)
        query = query.where(col(TeamMember.id).in_(does))
    if active is not None:
        query = query.where(col(TeamMember.active) == active)
    order = order_of("name", {"name": TeamMember.name}, TeamMember.id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
        items = await _views(session, caller, rows)
    return Page(items=items, next_cursor=cursor, total=total)


@router.post("", status_code=HTTPStatus.CREATED, response_model=StaffTeamMemberView | TeamMemberView)
async def add_team_member(body: TeamMemberBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Has one of the staff booked; 409 `account_taken` when they are in the team already."""

    async def create(session: AsyncSession) -> UUID:
        tenant = await session.get_one(Tenant, caller.tenant_id)
        usual = {"name": await _name_of_staff(session, caller, body.account_id), "timezone": tenant.timezone}
        values = usual | made_of(body)
        service_ids = values.pop("service_ids")
        member = TeamMember(tenant_id=caller.tenant_id, **values)
        require_hours(member.timezone, member.windows)
        there = sa.select(col(TeamMember.id)).where(
            col(TeamMember.tenant_id) == caller.tenant_id, col(TeamMember.account_id) == body.account_id
        )
        if await session.scalar(there):
            raise conflict("account_taken", "This person is in the team already.")
        session.add(member)
        await session.flush()
        await _replace_services(session, member, service_ids)
        await audit(session, caller, "team_member.added", "team_member", member.id, {"account_id": body.account_id})
        return member.id

    async def read(session: AsyncSession, member_id: UUID) -> TeamMemberView:
        return await _view(session, caller, await _find(session, caller, member_id))

    return await create_once(asked, caller, "team_members.add", create=create, at="/team-members/{}", read=read)


@router.get("/{team_member_id}")
async def get_team_member(
    team_member_id: UUID, caller: Reader, service: ServicesDep
) -> StaffTeamMemberView | TeamMemberView:
    """One of the team."""
    async with service.database.transaction(caller.tenant_id) as session:
        return await _view(session, caller, await _find(session, caller, team_member_id))


@router.patch("/{team_member_id}")
async def edit_team_member(
    team_member_id: UUID, body: EditTeamMemberBody, caller: Writer, service: ServicesDep
) -> StaffTeamMemberView | TeamMemberView:
    """Changes somebody's hours or services. What is booked stays booked; who leaves is made not `active`."""
    values = given(body, can_be_without=frozenset())
    changed = sorted(values)
    service_ids = values.pop("service_ids", None)
    async with service.database.transaction(caller.tenant_id) as session:
        member = await _find(session, caller, team_member_id, lock=True)
        if not changed:
            return await _view(session, caller, member)
        for name, value in (values | {"updated_at": sa.func.now()}).items():
            setattr(member, name, value)
        require_hours(member.timezone, member.windows)
        await session.flush()
        if service_ids is not None:
            await _replace_services(session, member, service_ids)
        await session.refresh(member)
        view = await _view(session, caller, member)
        await audit(session, caller, "team_member.edited", "team_member", team_member_id, {"fields": changed})
        return view


def _visible(caller: Caller) -> sa.Select[TeamMember]:
    query = sa.select(TeamMember).where(col(TeamMember.tenant_id) == caller.tenant_id)
    return query if sees_all(caller) else query.where(col(TeamMember.active))


async def _find(session: AsyncSession, caller: Caller, member_id: UUID, *, lock: bool = False) -> TeamMember:
    query = _visible(caller).where(col(TeamMember.id) == member_id)
    member: TeamMember | None = await session.scalar(query.with_for_update(key_share=True) if lock else query)
    if member is None:
        raise not_found("team member")
    return member


async def _name_of_staff(session: AsyncSession, caller: Caller, account_id: UUID) -> str:
    name: str | None = await session.scalar(
        sa.select(col(Account.full_name))
        .join(Membership, col(Membership.account_id) == col(Account.id))
        .where(
            col(Membership.tenant_id) == caller.tenant_id,
            col(Membership.account_id) == account_id,
            col(Membership.customer_id).is_(None),
        )
    )
    if name is None:
        raise field_error("account_id", "unknown", "This is nobody of the staff.")
    return name[:_LONGEST_NAME]


async def _replace_services(session: AsyncSession, member: TeamMember, service_ids: Sequence[UUID]) -> None:
    await hold_services(session, member.tenant_id, service_ids)
    mine = col(TeamMemberService.team_member_id) == member.id
    await session.execute(sa.delete(TeamMemberService).where(mine))
    session.add_all(
        TeamMemberService(tenant_id=member.tenant_id, team_member_id=member.id, service_id=service_id)
        for service_id in service_ids
    )
    await session.flush()


async def _view(session: AsyncSession, caller: Caller, member: TeamMember) -> StaffTeamMemberView | TeamMemberView:
    return (await _views(session, caller, [member]))[0]


async def _views(
    session: AsyncSession, caller: Caller, members: Sequence[TeamMember]
) -> list[StaffTeamMemberView | TeamMemberView]:
    does = (
        sa.select(col(TeamMemberService.team_member_id), col(TeamMemberService.service_id))
        .join(Service, col(Service.id) == col(TeamMemberService.service_id))
        .where(col(TeamMemberService.team_member_id).in_([member.id for member in members]))
        .order_by(col(Service.name), col(Service.id))
    )
    if not sees_all(caller):
        does = does.where(col(Service.bookable))
    service_ids: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for row in await session.execute(does):
        service_ids[row.team_member_id].append(row.service_id)
    view = StaffTeamMemberView if sees_all(caller) else TeamMemberView
    return [view.model_validate({**member.model_dump(), "service_ids": service_ids[member.id]}) for member in members]
