"""Gives claimed tasks back to their role when their holder is away, leaves, or loses a permission."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.cases.pending import pending_command
from api.identity.callers import Caller
from domain.people.permissions import Permission
from domain.tasks.rules import TaskStatus
from models.cases import CommandRow
from models.people import Account, Membership, MembershipRole, Role, RolePermission
from models.tasks import TaskRow


async def release_tasks_of_absent(session: AsyncSession, caller: Caller) -> None:
    """Writes a pending command for each claimed task whose holder cannot act on it any more; the sweep delivers them.

    Call it in the transaction that changed people or roles, once the changes are flushed.
    """
    orphaned = await session.execute(
        sa.select(TaskRow).where(
            col(TaskRow.tenant_id) == caller.tenant_id,
            col(TaskRow.status) == TaskStatus.PENDING,
            col(TaskRow.assignee_id).is_not(None),
            sa.not_(_can_act()),
        )
    )
    session.add_all(_release(task, caller) for task in orphaned.scalars())
    await session.flush()


def _can_act() -> sa.ColumnElement[bool]:
    """Whether the holder of a task is present and has the permissions that it needs."""
    held = sa.select(col(MembershipRole.id)).where(col(MembershipRole.membership_id) == col(Membership.id))
    held = held.correlate(Membership, TaskRow)
    is_admin = held.join(Role, col(Role.id) == col(MembershipRole.role_id)).where(col(Role.key) == "admin").exists()
    permissions = held.join(RolePermission, col(RolePermission.role_id) == col(MembershipRole.role_id))
    decides = permissions.where(col(RolePermission.permission) == Permission.REVIEWS_DECIDE).exists()
    decides_this = permissions.where(col(RolePermission.permission) == col(TaskRow.permission)).exists()
    may_this = col(TaskRow.permission).is_(None) | decides_this
    return (
        sa.select(col(Membership.id))
        .join(Account, col(Account.id) == col(Membership.account_id))
        .where(
            col(Membership.tenant_id) == col(TaskRow.tenant_id),
            col(Membership.account_id) == col(TaskRow.assignee_id),
            col(Membership.away).is_(False),
            col(Account.disabled_at).is_(None),
            is_admin | (decides & may_this),
        )
        .correlate(TaskRow)
        .exists()
    )


def _release(task: TaskRow, caller: Caller) -> CommandRow:
    arguments = {"task_id": str(task.id), "on_behalf_of": str(task.assignee_id)}
    return pending_command(caller, task.case_kind, task.case_id, "release_task", arguments)
