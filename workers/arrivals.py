"""What takes up the mails that have come, put together, and what tells it that people are at work."""

from typing import Any

from temporalio import worker

from activities.cases.step import Step
from activities.mail.arrivals import ArrivalActivities
from activities.mail.dkim import DkimChecks
from activities.mail.giving_way import GivingWay
from activities.mail.judging import Judging
from activities.mail.readers import Readers
from api.cases.dispatch import Dispatcher
from api.cases.redelivery import deliver_in_turn
from domain.mail.reply_addresses import ReplyAddresses
from models.cases import CommandRow
from models.database import Database
from runtime.settings import Settings
from stores.files.scanner import VirusScanner
from stores.files.storage import FileStorage


def arrivals_of(
    database: Database,
    config: Settings,
    dispatcher: Dispatcher,
    addresses: ReplyAddresses,
    storage: FileStorage,
    way: GivingWay,
) -> ArrivalActivities:
    """The activities of one process; mails are read in processes of their own, which end when nobody needs them."""
    readers = Readers()

    async def carry(command: CommandRow) -> bool:
        return await deliver_in_turn(dispatcher, database, command)

    return ArrivalActivities(
        database,
        storage,
        VirusScanner(config.clamd_address),
        readers,
        Judging(DkimChecks(readers)).judge,
        addresses,
        carry,
        way,
    )


class MailGivesWay(worker.Interceptor):
    """Tells `way` of each command that a case carries out."""

    def __init__(self, way: GivingWay) -> None:
        self._way = way

    def intercept_activity(self, next: worker.ActivityInboundInterceptor) -> worker.ActivityInboundInterceptor:  # noqa: A002
        return _Telling(next, self._way)


class _Telling(worker.ActivityInboundInterceptor):
    def __init__(self, following: worker.ActivityInboundInterceptor, way: GivingWay) -> None:
        super().__init__(following)
        self._way = way

    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002
        step = input.args[0] if input.args else None
        if isinstance(step, Step) and step.by_command:
            self._way.command_taken(step.id)
        return await super().execute_activity(input)
