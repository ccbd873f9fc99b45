"""What takes up the mails that have come, put together."""

from activities.mail.arrivals import ArrivalActivities
from activities.mail.dkim import DkimChecks
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
    database: Database, config: Settings, dispatcher: Dispatcher, addresses: ReplyAddresses, storage: FileStorage
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
    )
