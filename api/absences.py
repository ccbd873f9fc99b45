"""What it means for the inbox when somebody is away, leaves, or may do less: their tasks go back to the role."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.callers import Caller
from api.pending_commands import pending_command
from domain.permissions import Permission
from domain.review import ReviewStatus
from models.case import CommandRow
from models.people import Account, Membership, MembershipRole, Role, RolePermission
from models.review import Review


async def release_tasks_of_absent(session: AsyncSession, caller: Caller) -> None:
    """Writes a pending command for each claimed task whose holder cannot act on it any more; the sweep delivers them.

    Call it in the transaction that changed people or roles, once the changes are flushed.
    """
    orphaned = await session.execute(
        sa.select(Review).where(
            col(Review.tenant_id) == caller.tenant_id,
            col(Review.status) == ReviewStatus.PENDING,
            col(Review.assignee_id).is_not(None),
            sa.not_(_can_act()),
        )
    )
    session.add_all(_release(review, caller) for review in orphaned.scalars())
    await session.flush()


def _can_act() -> sa.ColumnElement[bool]:
    """Whether the holder of a review is there and has what it takes."""
    held = sa.select(col(MembershipRole.id)).where(col(MembershipRole.membership_id) == col(Membership.id))
    held = held.correlate(Membership, Review)
    is_admin = held.join(Role, col(Role.id) == col(MembershipRole.role_id)).where(col(Role.key) == "admin").exists()
    permissions = held.join(RolePermission, col(RolePermission.role_id) == col(MembershipRole.role_id))
    decides = permissions.where(col(RolePermission.permission) == Permission.REVIEWS_DECIDE).exists()
    decides_this = permissions.where(col(RolePermission.permission) == col(Review.permission)).exists()
    may_this = col(Review.permission).is_(None) | decides_this
    return (
        sa.select(col(Membership.id))
        .join(Account, col(Account.id) == col(Membership.account_id))
        .where(
            col(Membership.tenant_id) == col(Review.tenant_id),
            col(Membership.account_id) == col(Review.assignee_id),
            col(Membership.away).is_(False),
            col(Account.disabled_at).is_(None),
            is_admin | (decides & may_this),
        )
        .correlate(Review)
        .exists()
    )


def _release(review: Review, caller: Caller) -> CommandRow:
    arguments = {"review_id": str(review.id), "on_behalf_of": str(review.assignee_id)}
    return pending_command(caller, review.case_kind, review.case_id, f"{review.case_kind}.release_task", arguments)
