"""How a tenant's desk is organised: the categories that tickets fall into and the groups that work on them."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit, differences
from api.cases.commands import AskingAnewDep, create_once
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page
from api.http.problems import conflict, field_error, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.tickets.service_levels.changes import refresh_tickets
from api.tickets.service_levels.schemas import GroupBody, GroupView, TicketCategoryBody, TicketCategoryView
from domain.people.permissions import Permission
from models.people import Membership
from models.sla import SlaPolicy
from models.tickets import AgentGroup, AgentGroupMember, Ticket, TicketCategory

router = Router(tags=["ticket desk"])

Service = Annotated[Services, Depends(services)]
CategoryReader = Annotated[Caller, Depends(needs(Permission.TICKETS_READ))]
GroupReader = Annotated[Caller, Depends(needs(Permission.SETTINGS_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.SETTINGS_WRITE))]


@router.get("/categories")
async def list_categories(caller: CategoryReader, service: Service, paging: PagingDep) -> Page[TicketCategoryView]:
    """What tickets can be about, by name."""
    order = order_of("name", {"name": TicketCategory.name}, TicketCategory.id)
    query = sa.select(TicketCategory).where(col(TicketCategory.tenant_id) == caller.tenant_id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[TicketCategoryView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.post("/categories", status_code=HTTPStatus.CREATED, response_model=TicketCategoryView)
async def create_category(body: TicketCategoryBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Makes a category; its policy, when it has one, is that of its tickets."""

    async def create(session: AsyncSession) -> UUID:
        await _check_category(session, None, body)
        category = TicketCategory(tenant_id=caller.tenant_id, **body.model_dump())
        session.add(category)
        await session.flush()
        await audit(session, caller, "category.created", "category", category.id, _category_settings(category))
        return category.id

    async def read(session: AsyncSession, category_id: UUID) -> TicketCategoryView:
        return TicketCategoryView.model_validate(await _category(session, category_id))

    return await create_once(asked, caller, "categories.create", create=create, at="/categories/{}", read=read)


@router.get("/categories/{category_id}")
async def get_category(category_id: UUID, caller: CategoryReader, service: Service) -> TicketCategoryView:
    """One category."""
    async with service.database.transaction(caller.tenant_id) as session:
        return TicketCategoryView.model_validate(await _category(session, category_id))


@router.put("/categories/{category_id}")
async def replace_category(
    category_id: UUID, body: TicketCategoryBody, caller: Writer, service: Service
) -> TicketCategoryView:
    """Replaces a category; another policy reaches its open tickets."""
    async with service.database.transaction(caller.tenant_id) as session:
        category = await _category(session, category_id)
        await _check_category(session, category_id, body)
        if body.sla_policy_id != category.sla_policy_id:
            await refresh_tickets(session, caller, col(Ticket.category_id) == category_id)
        before = _category_settings(category)
        category.name, category.sla_policy_id = body.name, body.sla_policy_id
        await session.flush()
        changed = differences(before, _category_settings(category))
        if changed:
            await audit(session, caller, "category.replaced", "category", category_id, changed)
        return TicketCategoryView.model_validate(category)


@router.delete("/categories/{category_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_category(category_id: UUID, caller: Writer, service: Service) -> None:
    """Deletes a category that no ticket is in; 409 `category_in_use` otherwise."""
    async with service.database.transaction(caller.tenant_id) as session:
        category = await _category(session, category_id)
        if await session.scalar(sa.select(col(Ticket.id)).where(col(Ticket.category_id) == category_id).limit(1)):
            raise conflict("category_in_use", "Tickets are in this category.")
        await session.delete(category)
        await session.flush()
        await audit(session, caller, "category.deleted", "category", category_id, _category_settings(category))


@router.get("/groups")
async def list_groups(caller: GroupReader, service: Service, paging: PagingDep) -> Page[GroupView]:
    """The groups of the staff, by name."""
    order = order_of("name", {"name": AgentGroup.name}, AgentGroup.id)
    query = sa.select(AgentGroup).where(col(AgentGroup.tenant_id) == caller.tenant_id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
        items = await _group_views(session, rows)
    return Page(items=items, next_cursor=cursor, total=total)


@router.post("/groups", status_code=HTTPStatus.CREATED, response_model=GroupView)
async def create_group(body: GroupBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Makes a group of staff."""

    async def create(session: AsyncSession) -> UUID:
        await _check_group_name(session, None, body.name)
        group = AgentGroup(tenant_id=caller.tenant_id, name=body.name)
        session.add(group)
        await session.flush()
        await _set_members(session, group, body.member_ids)
        made = _group_settings(await _group_view(session, group))
        await audit(session, caller, "group.created", "group", group.id, made)
        return group.id

    async def read(session: AsyncSession, group_id: UUID) -> GroupView:
        return await _group_view(session, await _group(session, group_id))

    return await create_once(asked, caller, "groups.create", create=create, at="/groups/{}", read=read)


@router.get("/groups/{group_id}")
async def get_group(group_id: UUID, caller: GroupReader, service: Service) -> GroupView:
    """One group, with its members."""
    async with service.database.transaction(caller.tenant_id) as session:
        return await _group_view(session, await _group(session, group_id))


@router.put("/groups/{group_id}")
async def replace_group(group_id: UUID, body: GroupBody, caller: Writer, service: Service) -> GroupView:
    """Replaces a group's name and members."""
    async with service.database.transaction(caller.tenant_id) as session:
        group = await _group(session, group_id)
        await _check_group_name(session, group_id, body.name)
        before = _group_settings(await _group_view(session, group))
        group.name = body.name
        await _set_members(session, group, body.member_ids)
        view = await _group_view(session, group)
        changed = differences(before, _group_settings(view))
        if changed:
            await audit(session, caller, "group.replaced", "group", group_id, changed)
        return view


@router.delete("/groups/{group_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_group(group_id: UUID, caller: Writer, service: Service) -> None:
    """Deletes a group that has no tickets; 409 `group_in_use` otherwise."""
    async with service.database.transaction(caller.tenant_id) as session:
        group = await _group(session, group_id)
        if await session.scalar(sa.select(col(Ticket.id)).where(col(Ticket.group_id) == group_id).limit(1)):
            raise conflict("group_in_use", "Tickets are with this group.")
        before = _group_settings(await _group_view(session, group))
        await session.delete(group)
        await session.flush()
        await audit(session, caller, "group.deleted", "group", group_id, before)


async def _category(session: AsyncSession, category_id: UUID) -> TicketCategory:
    category = await session.get(TicketCategory, category_id)
    if category is None:
        raise not_found("category")
    return category


async def _check_category(session: AsyncSession, own_id: UUID | None, body: TicketCategoryBody) -> None:
    if body.sla_policy_id and await session.get(SlaPolicy, body.sla_policy_id) is None:
        raise field_error("sla_policy_id", "unknown", "There is no service level policy with this id.")
    taken = await session.scalar(sa.select(col(TicketCategory.id)).where(col(TicketCategory.name) == body.name))
    if taken not in (None, own_id):
        raise conflict("name_taken", "Another category has this name.")


def _category_settings(category: TicketCategory) -> dict[str, Any]:
    return {"name": category.name, "sla_policy_id": category.sla_policy_id}


def _group_settings(group: GroupView) -> dict[str, Any]:
    return {"name": group.name, "member_ids": group.member_ids}


async def _group(session: AsyncSession, group_id: UUID) -> AgentGroup:
    group = await session.get(AgentGroup, group_id)
    if group is None:
        raise not_found("group")
    return group


async def _check_group_name(session: AsyncSession, own_id: UUID | None, name: str) -> None:
    taken = await session.scalar(sa.select(col(AgentGroup.id)).where(col(AgentGroup.name) == name))
    if taken not in (None, own_id):
        raise conflict("name_taken", "Another group has this name.")


async def _set_members(session: AsyncSession, group: AgentGroup, account_ids: list[UUID]) -> None:
    wanted = set(account_ids)
    staff = sa.select(Membership).where(col(Membership.account_id).in_(wanted), col(Membership.customer_id).is_(None))
    members = list(await session.scalars(staff))
    if missing := wanted - {member.account_id for member in members}:
        place = next(place for place, account_id in enumerate(account_ids) if account_id in missing)
        raise field_error(f"member_ids.{place}", "unknown", "Every member must be one of the staff.")
    await session.execute(sa.delete(AgentGroupMember).where(col(AgentGroupMember.group_id) == group.id))
    session.add_all(
        AgentGroupMember(tenant_id=group.tenant_id, group_id=group.id, membership_id=member.id) for member in members
    )
    await session.flush()


async def _group_view(session: AsyncSession, group: AgentGroup) -> GroupView:
    return (await _group_views(session, [group]))[0]


async def _group_views(session: AsyncSession, groups: Sequence[AgentGroup]) -> list[GroupView]:
    members: dict[UUID, list[UUID]] = {group.id: [] for group in groups}
    query = (
        sa.select(col(AgentGroupMember.group_id), col(Membership.account_id))
        .join(Membership, col(AgentGroupMember.membership_id) == col(Membership.id))
        .where(col(AgentGroupMember.group_id).in_(members))
        .order_by(col(Membership.account_id))
    )
    for group_id, account_id in await session.execute(query):
        members[group_id].append(account_id)
    return [GroupView(id=group.id, name=group.name, member_ids=members[group.id]) for group in groups]
