"""A tenant's rules as they are stored."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.mail.rules import Choices, Condition, Rule, RuleFault
from models.mail import MailRule

log = structlog.get_logger(__name__)


async def active_rules(session: AsyncSession) -> list[Rule]:
    """The tenant's active rules, in their order."""
    rows = await session.scalars(
        sa.select(MailRule).where(col(MailRule.active)).order_by(col(MailRule.place), col(MailRule.id))
    )
    return [rule for row in rows if (rule := stored_rule(row.id, row.name, row.conditions, row.choices))]


def stored_rule(
    ident: UUID, name: str, conditions: Sequence[Mapping[str, Any]], choices: Mapping[str, Any]
) -> Rule | None:
    """A rule as it is stored; None, which is logged, for one that an earlier version took and this one cannot read."""
    try:
        read = tuple(Condition.of(each) for each in conditions)
    except (RuleFault, KeyError, ValueError):
        log.warning("mail_rule_unreadable", rule_id=str(ident))
        return None
    return Rule(str(ident), name, read, Choices.of(choices))
