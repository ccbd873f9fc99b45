"""Who may give which roles: nobody gives, takes or changes more than they may do themselves."""

from collections.abc import Collection, Iterable
from http import HTTPStatus
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.problems import Problem, conflict, field_error
from api.identity.callers import Caller
from domain.people.permissions import ADMIN, CLIENT, PLATFORM
from models.people import Account, Membership, MembershipRole, Role, RolePermission

ADMIN_ROLE = "admin"


async def roles_by_key(session: AsyncSession, keys: Collection[str]) -> dict[str, Role]:
    """The tenant's roles with these keys. Raises 422 `role_unknown`."""
    roles = {role.key: role for role in await session.scalars(sa.select(Role).where(col(Role.key).in_(set(keys))))}
    if unknown := sorted(set(keys) - roles.keys()):
        raise field_error("roles", "role_unknown", f"There is no such role: {', '.join(unknown)}.")
    return roles


async def require_within(session: AsyncSession, caller: Caller, roles: Iterable[Role]) -> None:
    """Raises 403 `permission_not_held` when the roles allow anything that the caller may not do."""
    require_held(caller, await _allowed_by(session, roles))


async def require_proven(session: AsyncSession, account_id: UUID, roles: Iterable[Role]) -> None:
    """Raises 409 `email_unverified` when the roles are more than a customer's and nobody has proven yet that they read
    the mail of the account's address: it may belong to somebody else."""
    proven = await session.scalar(sa.select(col(Account.email_verified_at)).where(col(Account.id) == account_id))
    if proven is None and await _allowed_by(session, roles) - CLIENT:
        raise conflict("email_unverified", "This person has to confirm the e-mail address first.")


async def _allowed_by(session: AsyncSession, roles: Iterable[Role]) -> set[str]:
    roles = list(roles)
    query = sa.select(col(RolePermission.permission)).where(
        col(RolePermission.role_id).in_([role.id for role in roles])
    )
    allowed: set[str] = set(await session.scalars(query))
    return allowed | ADMIN if any(role.key == ADMIN_ROLE for role in roles) else allowed


def require_held(caller: Caller, permissions: Collection[str]) -> None:
    """Raises 403 `permission_not_held` for permissions that the caller does not have, or that no tenant can give."""
    if beyond := sorted(set(permissions) - (caller.permissions - PLATFORM)):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "permission_not_held",
            f"You cannot give or take what you may not do yourself: {', '.join(beyond)}.",
        )


async def require_an_admin_besides(session: AsyncSession, account_id: UUID) -> None:
    """Raises 409 `last_admin` when nobody but this account could administer the tenant.

    It locks the role's row until the transaction ends: of two administrators who remove each other, one succeeds.
    """
    role_id = await session.scalar(sa.select(col(Role.id)).where(col(Role.key) == ADMIN_ROLE).with_for_update())
    other = await session.scalar(
        sa.select(col(Membership.id))
        .join(MembershipRole, col(MembershipRole.membership_id) == col(Membership.id))
        .join(Account, col(Account.id) == col(Membership.account_id))
        .where(
            col(MembershipRole.role_id) == role_id,
            col(Membership.account_id) != account_id,
            col(Account.disabled_at).is_(None),
            col(Account.password_hash).is_not(None),
            col(Account.email_verified_at).is_not(None),
        )
        .limit(1)
    )
    if other is None:
        raise conflict("last_admin", "A tenant needs an administrator: make another one first.")
