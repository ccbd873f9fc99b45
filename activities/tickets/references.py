"""What a step refers to may have gone since it was decided upon: groups are deleted, people leave."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.refusal import Refusal
from domain.tickets.sla.clocks import Moment
from stores.people import belongs
from stores.tickets.escalations import group_exists, target_exists
from stores.tickets.service_levels import Terms


async def require_references(session: AsyncSession, values: Mapping[str, Any]) -> None:
    """Raises Refusal, `group_unknown` or `assignee_unknown`, for a command that has waited for too long."""
    if (group_id := values.get("group_id")) and not await group_exists(session, group_id):
        raise Refusal("group_unknown", "This group is not there any more.")
    if (account_id := values.get("assignee_id")) and not await belongs(session, account_id):
        raise Refusal("assignee_unknown", "This person is not there any more.")


async def target_gone(session: AsyncSession, moment: Moment | None, terms: Terms | None) -> str | None:
    """The role or group that an escalation was promised to go to and that is not there any more, else None."""
    if moment is None or moment.escalation_index is None or terms is None:
        return None
    escalation = terms.policy.escalations[moment.escalation_index]
    return None if await target_exists(session, escalation.action, escalation.target) else escalation.target
