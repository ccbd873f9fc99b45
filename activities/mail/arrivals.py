"""Reads what has arrived in a mailbox and decides what becomes of it."""

import sqlalchemy as sa
from sqlmodel import col
from temporalio import activity

from activities.mail.slow_work import beating
from domain.mail.mailbox import MailboxRef
from domain.mail.states import MailState
from models.database import Database
from models.mail import Mail


class ArrivalActivities:
    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="mail.read_arrived")
    async def read_arrived(self, mailbox: MailboxRef) -> int:
        """Leaves what is `received` as it is; returns how many it settled, which is none."""
        waiting = sa.select(sa.func.count()).where(
            col(Mail.tenant_id) == mailbox.tenant_id,
            col(Mail.account_id) == mailbox.account_id,
            col(Mail.state) == MailState.RECEIVED,
        )
        async with beating(), self._database.transaction(mailbox.tenant_id) as session:
            await session.scalar(waiting)
        return 0
