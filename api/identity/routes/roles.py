"""Roles: named sets of permissions, of each tenant's own."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit, differences
from api.cases.commands import AskingAnewDep, create_once
from api.http.paging import MAX_PAGE, PagingDep, order_of, page
from api.http.payloads import Page
from api.http.problems import conflict, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.absences import release_tasks_of_absent
from api.identity.callers import Caller, needs
from api.identity.grants import ADMIN_ROLE, require_held
from api.identity.schemas.users import (
    EditRoleBody,
    PermissionView,
    RoleBody,
    RolePreviewView,
    RoleView,
    WhoChangesView,
)
from domain.people.permissions import ADMIN, PLATFORM, TENANT_ROLES, Permission
from models.people import Account, Membership, MembershipRole, Role, RolePermission
from models.sla import SlaPolicy

router = Router(tags=["roles"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.USERS_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.ROLES_WRITE))]


@router.get("/permissions")
async def list_permissions(_: Reader) -> list[PermissionView]:
    """Everything that a role of a tenant can allow."""
    return [
        PermissionView(permission=permission, area=permission.partition(":")[0], action=permission.partition(":")[2])
        for permission in Permission
        if permission not in PLATFORM
    ]


@router.get("/roles")
async def list_roles(caller: Reader, service: Service, paging: PagingDep) -> Page[RoleView]:
    """The tenant's roles, by key."""
    order = order_of("key", {"key": Role.key}, Role.id)
    query = sa.select(Role).where(col(Role.tenant_id) == caller.tenant_id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
        items = await _views(session, rows)
    return Page(items=items, next_cursor=cursor, total=total)


@router.post("/roles", status_code=HTTPStatus.CREATED, response_model=RoleView)
async def create_role(body: RoleBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Makes a role. 403 `permission_not_held` for a permission that the caller does not have."""

    async def create(session: AsyncSession) -> UUID:
        require_held(caller, body.permissions)
        if await session.scalar(sa.select(col(Role.id)).where(col(Role.key) == body.key)):
            raise conflict("key_taken", "Another role has this key.")
        role = Role(tenant_id=caller.tenant_id, key=body.key, name=body.name)
        session.add(role)
        await session.flush()
        await _set_permissions(session, role, body.permissions)
        await audit(session, caller, "role.created", "role", role.id, await _settings(session, role))
        return role.id

    async def read(session: AsyncSession, role_id: UUID) -> RoleView:
        return (await _views(session, [await _role(session, role_id)]))[0]

    return await create_once(asked, caller, "roles.create", create=create, at="/roles/{}", read=read)


@router.get("/roles/{role_id}")
async def get_role(role_id: UUID, caller: Reader, service: Service) -> RoleView:
    """One role."""
    async with service.database.transaction(caller.tenant_id) as session:
        return (await _views(session, [await _role(session, role_id)]))[0]


@router.put("/roles/{role_id}")
async def replace_role(role_id: UUID, body: EditRoleBody, caller: Writer, service: Service) -> RoleView:
    """Replaces a role's name and permissions, for everybody who has it. The administrator's cannot be changed."""
    async with service.database.transaction(caller.tenant_id) as session:
        role = await _role(session, role_id, lock=True)
        await _require_changeable(session, caller, role, body)
        before = await _settings(session, role)
        role.name = body.name
        await _set_permissions(session, role, body.permissions)
        changed = differences(before, await _settings(session, role))
        if changed:
            await release_tasks_of_absent(session, caller)
            await audit(session, caller, "role.replaced", "role", role_id, changed)
        return (await _views(session, [role]))[0]


@router.post("/roles/{role_id}/preview")
async def preview_role(role_id: UUID, body: EditRoleBody, caller: Writer, service: Service) -> RolePreviewView:
    """Who would gain and lose what if the role were replaced; refused as that would be. Nothing changes."""
    async with service.database.transaction(caller.tenant_id) as session:
        role = await _role(session, role_id)
        had, wanted = await _require_changeable(session, caller, role, body), set(body.permissions)
        people = await session.execute(
            sa.select(col(Membership.id), col(Account.id), col(Account.full_name))
            .join(MembershipRole, col(MembershipRole.membership_id) == col(Membership.id))
            .join(Account, col(Account.id) == col(Membership.account_id))
            .where(col(MembershipRole.role_id) == role_id)
            .order_by(col(Account.full_name), col(Account.id))
            .limit(MAX_PAGE)
        )
        members = list(people)
        besides = await _allowed_besides(session, role, [member_id for member_id, _, _ in members])
    return RolePreviewView(
        gained=sorted(wanted - had),
        lost=sorted(had - wanted),
        people=[
            WhoChangesView(
                id=account_id,
                full_name=full_name,
                gains=sorted(wanted - had - besides[member_id]),
                loses=sorted(had - wanted - besides[member_id]),
            )
            for member_id, account_id, full_name in members
        ],
    )


@router.delete("/roles/{role_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_role(role_id: UUID, caller: Writer, service: Service) -> None:
    """Deletes a role that nobody has and nothing refers to; 409 `role_builtin` or `role_in_use` otherwise."""
    async with service.database.transaction(caller.tenant_id) as session:
        role = await _role(session, role_id, lock=True)
        if role.key in TENANT_ROLES:
            raise conflict("role_builtin", "Every tenant has this role: it cannot be deleted.")
        require_held(caller, await _permissions(session, role))
        named = sa.cast([{"target": role.key}], JSONB)
        for user in (
            sa.select(col(MembershipRole.id)).where(col(MembershipRole.role_id) == role_id),
            sa.select(col(SlaPolicy.id)).where(sa.type_coerce(SlaPolicy.escalations, JSONB).contains(named)),
        ):
            if await session.scalar(user.limit(1)):
                raise conflict("role_in_use", "People have this role, or a service level policy notifies it.")
        had = await _settings(session, role)
        await session.delete(role)
        await session.flush()
        await audit(session, caller, "role.deleted", "role", role_id, had)


async def _role(session: AsyncSession, role_id: UUID, *, lock: bool = False) -> Role:
    role = await session.get(Role, role_id, with_for_update=lock)
    if role is None:
        raise not_found("role")
    return role


async def _require_changeable(session: AsyncSession, caller: Caller, role: Role, body: EditRoleBody) -> set[str]:
    """What the role allows now. Raises 409 for the administrator's, 403 for what the caller does not have."""
    if role.key == ADMIN_ROLE:
        raise conflict("role_builtin", "An administrator may do everything; this role cannot be changed.")
    had = set(await _permissions(session, role))
    # Both what is added and what is removed: nobody may take a permission away that they do not have.
    require_held(caller, set(body.permissions) ^ had)
    return had


async def _allowed_besides(session: AsyncSession, role: Role, members: list[UUID]) -> dict[UUID, set[str]]:
    """What each member may do by their other roles."""
    besides: dict[UUID, set[str]] = {member_id: set() for member_id in members}
    of_members = col(MembershipRole.membership_id).in_(members)
    allowed = (
        sa.select(col(MembershipRole.membership_id), col(RolePermission.permission))
        .join(RolePermission, col(RolePermission.role_id) == col(MembershipRole.role_id))
        .where(of_members, col(MembershipRole.role_id) != role.id)
    )
    for member_id, permission in await session.execute(allowed):
        besides[member_id].add(permission)
    admins = sa.select(col(MembershipRole.membership_id)).join(Role, col(Role.id) == col(MembershipRole.role_id))
    for member_id in await session.scalars(admins.where(of_members, col(Role.key) == ADMIN_ROLE)):
        besides[member_id] |= ADMIN
    return besides


async def _permissions(session: AsyncSession, role: Role) -> Sequence[str]:
    query = sa.select(col(RolePermission.permission)).where(col(RolePermission.role_id) == role.id)
    return (await session.scalars(query)).all()


async def _settings(session: AsyncSession, role: Role) -> dict[str, Any]:
    return {"key": role.key, "name": role.name, "permissions": sorted(await _permissions(session, role))}


async def _set_permissions(session: AsyncSession, role: Role, permissions: list[Permission]) -> None:
    await session.execute(sa.delete(RolePermission).where(col(RolePermission.role_id) == role.id))
    session.add_all(
        RolePermission(tenant_id=role.tenant_id, role_id=role.id, permission=permission)
        for permission in sorted(set(permissions))
    )
    await session.flush()


async def _views(session: AsyncSession, roles: Sequence[Role]) -> list[RoleView]:
    ids = [role.id for role in roles]
    permissions: dict[UUID, list[str]] = {role_id: [] for role_id in ids}
    for role_id, permission in await session.execute(
        sa.select(col(RolePermission.role_id), col(RolePermission.permission))
        .where(col(RolePermission.role_id).in_(ids))
        .order_by(col(RolePermission.permission))
    ):
        permissions[role_id].append(permission)
    counts = await session.execute(
        sa.select(col(MembershipRole.role_id), sa.func.count())
        .where(col(MembershipRole.role_id).in_(ids))
        .group_by(col(MembershipRole.role_id))
    )
    members: dict[UUID, int] = {}
    for role_id, count in counts:
        members[role_id] = count
    return [
        RoleView(
            id=role.id,
            key=role.key,
            name=role.name,
            builtin=role.key in TENANT_ROLES,
            permissions=permissions[role.id],
            members=members.get(role.id, 0),
        )
        for role in roles
    ]
