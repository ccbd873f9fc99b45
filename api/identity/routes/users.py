"""The people of a tenant: its staff, and those who speak for its customers."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit, differences
from api.bookings.leaving import take_off_the_team
from api.cases.commands import AskingAnewDep, create_once
from api.http.correlation import correlation_id
from api.http.openapi import MAKES_ELSEWHERE
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page
from api.http.problems import conflict, field_error, not_found
from api.http.routing import Router
from api.http.search import contains
from api.http.services import Services, services
from api.identity.absences import release_tasks_of_absent
from api.identity.callers import Caller, needs
from api.identity.grants import ADMIN_ROLE, require_an_admin_besides, require_proven, require_within, roles_by_key
from api.identity.invitations import invite, rights
from api.identity.schemas.users import EditUserBody, InviteBody, UserStatus, UserView
from api.tickets.changes import unassign_tickets
from domain.cases import StepRef
from domain.people.accounts import SessionEnd
from domain.people.permissions import Permission
from models.database import look_as
from models.people import Account, Customer, Invitation, Membership, MembershipRole, Role
from models.sessions import LoginSession
from stores.sessions import end_sessions

router = Router(prefix="/users", tags=["users"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.USERS_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.USERS_WRITE))]


@router.get("")
async def list_users(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    role: Annotated[str | None, Query(max_length=40, pattern=r"^[a-z0-9_-]*$")] = None,
    customer_id: UUID | None = None,
    away: bool | None = None,
    q: Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="Of the name or address")] = None,
) -> Page[UserView]:
    """The tenant's people, in the order in which they came."""
    query = sa.select(Membership).where(col(Membership.tenant_id) == caller.tenant_id)
    if role:
        query = query.where(
            col(Membership.id).in_(
                sa.select(col(MembershipRole.membership_id))
                .join(Role, col(Role.id) == col(MembershipRole.role_id))
                .where(col(Role.key) == role)
            )
        )
    if customer_id:
        query = query.where(col(Membership.customer_id) == customer_id)
    if away is not None:
        query = query.where(col(Membership.away) == away)
    if q:
        query = query.join(Account, col(Account.id) == col(Membership.account_id)).where(
            contains(Account.full_name, q) | contains(Account.email, q)
        )
    order = order_of("created_at", {"created_at": Membership.created_at}, Membership.id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
        items = await _views(session, rows)
    return Page(items=items, next_cursor=cursor, total=total)


@router.post("", status_code=HTTPStatus.CREATED, response_model=UserView, responses=MAKES_ELSEWHERE)
async def invite_user(body: InviteBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Invites somebody by mail, who is a member once the token in it has been used: `POST /auth/password/reset`."""
    mails: list[StepRef] = []

    async def create(session: AsyncSession) -> UUID:
        roles = await roles_by_key(session, body.roles)
        await require_within(session, caller, roles.values())
        await _require_customer(session, body.customer_id)
        _require_own_customer(caller, body.customer_id)
        invitation, mail = await invite(
            session,
            caller.tenant_id,
            email=body.email,
            full_name=body.full_name,
            role_ids=[role.id for role in roles.values()],
            customer_id=body.customer_id,
            correlation_id=correlation_id(),
        )
        mails.append(mail)
        offered = rights(list(roles.values()), body.customer_id)
        await audit(session, caller, "user.invited", "invitation", invitation.id, offered)
        return invitation.id

    async def read(session: AsyncSession, invitation_id: UUID) -> UserView:
        invitation = await session.get(Invitation, invitation_id)
        if invitation is None:
            raise not_found("invitation")
        return _invited(invitation, body.roles)

    answer = await create_once(asked, caller, "users.invite", create=create, at="/invitations/{}", read=read)
    for mail in mails:
        asked.services.courier.send_soon(mail)
    return answer


@router.get("/{user_id}")
async def get_user(user_id: UUID, caller: Reader, service: Service) -> UserView:
    """One of the tenant's people."""
    async with service.database.transaction(caller.tenant_id) as session:
        return await _view(session, user_id)


@router.patch("/{user_id}")
async def edit_user(user_id: UUID, body: EditUserBody, caller: Writer, service: Service) -> UserView:
    """Changes what somebody may do, for whom they speak, whether they are away, or what they are called; 409
    `account_shared` for the name of somebody who belongs to other tenants too."""
    given = body.model_fields_set
    async with service.database.transaction(caller.tenant_id) as session:
        member = await _member(session, user_id, lock=True)
        before = await _rights(session, member)
        if body.roles is not None:
            await _change_roles(session, caller, member, body.roles)
        if "customer_id" in given:
            await require_within(session, caller, await _roles(session, member))
            await _require_customer(session, body.customer_id)
            _require_own_customer(caller, member.customer_id, body.customer_id)
            if user_id == caller.account_id and body.customer_id != member.customer_id:
                raise conflict("own_customer", "For whom you speak yourself is somebody else's to say.")
            member.customer_id = body.customer_id
            if body.customer_id:
                await take_off_the_team(session, caller.tenant_id, user_id)
        if body.away is not None:
            member.away = body.away
        await session.flush()
        changed = differences(before, await _rights(session, member))
        if changed:
            await release_tasks_of_absent(session, caller)
            await audit(session, caller, "user.changed", "account", user_id, changed)
        if body.full_name is not None:
            await _rename(session, caller, member, body.full_name)
        return await _view(session, user_id)


@router.delete("/{user_id}", status_code=HTTPStatus.NO_CONTENT)
async def remove_user(user_id: UUID, caller: Writer, service: Service) -> None:
    """Ends somebody's membership and sessions in this tenant. What was assigned to them goes back to the group."""
    async with service.database.transaction(caller.tenant_id) as session:
        member = await _member(session, user_id, lock=True)
        roles = await _roles(session, member)
        await require_within(session, caller, roles)
        had = await _rights(session, member)
        if any(role.key == ADMIN_ROLE for role in roles):
            await require_an_admin_besides(session, user_id)
        await session.delete(member)
        await session.flush()
        await end_sessions(
            session,
            SessionEnd.REMOVED,
            col(LoginSession.account_id) == user_id,
            col(LoginSession.tenant_id) == caller.tenant_id,
        )
        await unassign_tickets(session, caller, user_id)
        await take_off_the_team(session, caller.tenant_id, user_id)
        await release_tasks_of_absent(session, caller)
        await audit(session, caller, "user.removed", "account", user_id, had)


async def _rename(session: AsyncSession, caller: Caller, member: Membership, name: str) -> None:
    await require_within(session, caller, await _roles(session, member))
    await look_as(session, account_id=member.account_id)
    elsewhere = sa.select(col(Membership.id)).where(
        col(Membership.account_id) == member.account_id, col(Membership.tenant_id) != caller.tenant_id
    )
    if await session.scalar(elsewhere.limit(1)):
        raise conflict("account_shared", "This person belongs to other tenants too, and says the name there.")
    account = await session.get_one(Account, member.account_id)
    if account.full_name == name:
        return
    account.full_name = name
    await session.flush()
    await audit(session, caller, "user.renamed", "account", member.account_id)


async def _change_roles(session: AsyncSession, caller: Caller, member: Membership, keys: list[str]) -> None:
    before = {role.key: role for role in await _roles(session, member)}
    wanted = await roles_by_key(session, keys)
    added = [wanted[key] for key in wanted.keys() - before.keys()]
    taken = [before[key] for key in before.keys() - wanted.keys()]
    await require_within(session, caller, [*added, *taken])
    await require_proven(session, member.account_id, added)
    if ADMIN_ROLE in before and ADMIN_ROLE not in wanted:
        await require_an_admin_besides(session, member.account_id)
    await session.execute(
        sa.delete(MembershipRole).where(
            col(MembershipRole.membership_id) == member.id,
            col(MembershipRole.role_id).in_([role.id for role in taken]),
        )
    )
    session.add_all(
        MembershipRole(tenant_id=member.tenant_id, membership_id=member.id, role_id=role.id) for role in added
    )
    await session.flush()


async def _member(session: AsyncSession, account_id: UUID, *, lock: bool = False) -> Membership:
    query = sa.select(Membership).where(col(Membership.account_id) == account_id)
    member: Membership | None = await session.scalar(query.with_for_update() if lock else query)
    if member is None:
        raise not_found("user")
    return member


async def _roles(session: AsyncSession, member: Membership) -> Sequence[Role]:
    found = await session.scalars(
        sa.select(Role)
        .join(MembershipRole, col(MembershipRole.role_id) == col(Role.id))
        .where(col(MembershipRole.membership_id) == member.id)
    )
    return found.all()


async def _rights(session: AsyncSession, member: Membership) -> dict[str, Any]:
    """What the audit keeps of somebody's place in the tenant."""
    roles = sorted(role.key for role in await _roles(session, member))
    return {"roles": roles, "customer_id": member.customer_id, "away": member.away}


async def _require_customer(session: AsyncSession, customer_id: UUID | None) -> None:
    if customer_id and await session.get(Customer, customer_id) is None:
        raise field_error("customer_id", "unknown", "There is no customer with this id.")


def _require_own_customer(caller: Caller, *customer_ids: UUID | None) -> None:
    """Raises 409 `own_customer` when a caller who speaks for one customer would choose the people of another."""
    if caller.customer_id and {*customer_ids} != {caller.customer_id}:
        raise conflict("own_customer", "You speak for a customer: you choose who else does, and for no other.")


async def _view(session: AsyncSession, account_id: UUID) -> UserView:
    return (await _views(session, [await _member(session, account_id)]))[0]


async def _views(session: AsyncSession, members: Sequence[Membership]) -> list[UserView]:
    accounts = await session.scalars(
        sa.select(Account).where(col(Account.id).in_([member.account_id for member in members]))
    )
    by_id = {account.id: account for account in accounts}
    keys: dict[UUID, list[str]] = {member.id: [] for member in members}
    for membership_id, key in await session.execute(
        sa.select(col(MembershipRole.membership_id), col(Role.key))
        .join(Role, col(Role.id) == col(MembershipRole.role_id))
        .where(col(MembershipRole.membership_id).in_(keys))
        .order_by(col(Role.key))
    ):
        keys[membership_id].append(key)
    return [_user(member, by_id[member.account_id], keys[member.id]) for member in members]


def _invited(invitation: Invitation, roles: Sequence[str]) -> UserView:
    return UserView(
        id=invitation.id,
        email=invitation.email,
        full_name=invitation.full_name,
        status=UserStatus.INVITED,
        email_verified=False,
        roles=sorted(set(roles)),
        customer_id=invitation.customer_id,
        away=False,
        created_at=invitation.created_at,
    )


def _user(member: Membership, account: Account, roles: list[str]) -> UserView:
    status = UserStatus.ACTIVE if account.password_hash else UserStatus.INVITED
    return UserView(
        id=account.id,
        email=account.email,
        full_name=account.full_name,
        status=UserStatus.DISABLED if account.disabled_at else status,
        email_verified=account.email_verified_at is not None,
        roles=roles,
        customer_id=member.customer_id,
        away=member.away,
        created_at=member.created_at,
    )
