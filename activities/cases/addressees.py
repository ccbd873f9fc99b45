"""Whom a notice of a case reaches."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.cases.step import CaseNotice, Notice
from models.base import CaseRow
from stores.people import people_of_customer, people_with_role


async def addressed(
    session: AsyncSession, row: CaseRow, customer_id: UUID, notice: CaseNotice, facts: dict[str, Any]
) -> list[Notice]:
    """The notice for each of its audience, telling these facts of the case."""
    audience = notice.audience
    if audience == "customer":
        people = await people_of_customer(session, customer_id)
        if not people:
            # Nobody speaks for the customer here: mail goes to its own address, which needs no account.
            return [Notice(notice.template, None, facts, customer_id)]
    elif audience.startswith("role:"):
        people = await people_with_role(session, audience.removeprefix("role:"))
    else:
        account_id = getattr(row, f"{audience}_id")
        people = [account_id] if account_id else []
    return [Notice(notice.template, account_id, facts) for account_id in people]
