"""What it means for the inbox when somebody is away, leaves, or may do less: their tasks go back to the role."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.callers import Caller
from api.correlation import correlation_id
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
    return CommandRow(
        id=uuid7(),
        tenant_id=caller.tenant_id,
        case_kind=review.case_kind,
        case_id=review.case_id,
        kind=f"{review.case_kind}.release_task",
        arguments={"review_id": str(review.id), "on_behalf_of": str(review.assignee_id)},
        actor_id=caller.account_id,
        correlation_id=correlation_id(),
        fingerprint="",
        created_at=datetime.now(UTC),
    )
