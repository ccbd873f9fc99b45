"""The bytes of mails among other files."""

from collections.abc import AsyncIterator
from datetime import timedelta

from temporalio.testing import ActivityEnvironment

from activities.files.sweep import FileActivities
from models.database import Database
from stores.files.scanner import VirusScanner
from stores.files.storage import new_key
from tests.activities.mail.imap import RealImap
from tests.activities.mail.mailbox import new_mailbox


async def test_the_sweep_leaves_a_mails_bytes_and_removes_what_no_row_names(database: Database, imap: RealImap) -> None:
    box = await new_mailbox(database, imap.home, imap.port)
    [sent] = imap.send()
    await box.fetch()
    await box.storage.put(orphan := new_key(box.ref.tenant_id), _some())
    sweep = FileActivities(database, box.storage, VirusScanner(None), unfinished_after=timedelta(seconds=-5))
    await ActivityEnvironment().run(sweep.sweep)
    assert await box.raws() == [sent]
    assert orphan not in box.stored()


async def _some() -> AsyncIterator[bytes]:
    yield b"left over"
