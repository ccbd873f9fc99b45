"""Takes up the mail of one mailbox as a worker would, in a process that may be killed: `python -m
tests.rollouts.mail_process <tenant id> <account id>`, with the settings in its environment."""

import asyncio
import sys
from uuid import UUID

from activities.mail.giving_way import GivingWay
from domain.mail.mailbox import MailboxRef
from domain.mail.reply_addresses import ReplyAddresses, reply_key
from models.database import Database
from runtime.client import connect
from runtime.settings import Settings, settings
from stores.files.storage import FileStorage
from workers.arrivals import arrivals_of
from workers.sweeps import sweeps_of


async def take_up(config: Settings, mailbox: MailboxRef) -> int:
    """Takes up what there is; returns how many mails were settled here."""
    if config.database_url is None or config.jwt_private_key is None:
        raise ValueError("the settings name a database and a key")
    client = await connect(config)
    database = Database(config.database_url.get_secret_value())
    addresses = ReplyAddresses(reply_key(config.jwt_private_key.get_secret_value()))
    storage = FileStorage.at(config.storage_url, config.home)
    dispatcher = sweeps_of(client, database, config).dispatcher
    try:
        return await arrivals_of(database, config, dispatcher, addresses, storage, GivingWay()).take_up(mailbox)
    finally:
        await database.close()


if __name__ == "__main__":
    print(asyncio.run(take_up(settings(), MailboxRef(UUID(sys.argv[1]), UUID(sys.argv[2])))))
