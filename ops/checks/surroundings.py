"""Whether the settings will do, the folder for files can be written, and the mail server takes connections."""

from collections.abc import AsyncIterator
from uuid import UUID

from activities.mail.smtp import MailError
from ops.trouble import Trouble
from runtime.production import UnsafeForProduction, require_safe
from runtime.settings import Settings
from stores.files.storage import FileStorage, StorageAway, new_key
from workers.working import mailer_of


async def settings_are_safe(settings: Settings) -> str:
    """Production would start on them."""
    try:
        require_safe(settings)
    except UnsafeForProduction as unsafe:
        raise Trouble("; ".join(line.removeprefix("- ") for line in str(unsafe).splitlines()[1:])) from unsafe
    return settings.env


async def storage(settings: Settings) -> str:
    """A file can be written where files are kept, and taken away again."""
    place = settings.storage_url or f"{settings.home.absolute()}/files"
    key = new_key(UUID(int=0))
    try:
        files = FileStorage.at(settings.storage_url, settings.home)
        await files.put(key, _probe())
        await files.delete(key)
    except OSError as error:
        raise Trouble(f"{place} cannot be written: {error.strerror}") from error
    except (StorageAway, ValueError) as error:
        raise Trouble(f"{place} cannot be written: {error}") from error
    return f"{place} can be written"


async def _probe() -> AsyncIterator[bytes]:
    yield b"casewright doctor"


async def mail_server(settings: Settings) -> str:
    """The mail server takes our connection, and our name and password where there are any."""
    mailer = mailer_of(settings)
    try:
        await mailer.greet()
    except MailError as error:
        raise Trouble(f"{mailer.address}: {error}") from error
    return f"{mailer.address} answers"
