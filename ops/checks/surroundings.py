"""Whether the settings will do, the folder for files can be written, and the mail server takes connections."""

import tempfile

from activities.mail import MailError
from ops.trouble import Trouble
from workers.main import mailer_of
from workers.production import UnsafeForProduction, require_safe
from workers.settings import Settings


async def settings_are_safe(settings: Settings) -> str:
    """Production would start on them."""
    try:
        require_safe(settings)
    except UnsafeForProduction as unsafe:
        raise Trouble("; ".join(line.removeprefix("- ") for line in str(unsafe).splitlines()[1:])) from unsafe
    return settings.env


async def storage(settings: Settings) -> str:
    """A file can be written where files are kept."""
    folder = settings.home.absolute()
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"casewright doctor")
            file.flush()
    except OSError as error:
        raise Trouble(f"{folder} cannot be written: {error.strerror}") from error
    return f"{folder} can be written"


async def mail_server(settings: Settings) -> str:
    """The mail server takes our connection, and our name and password where there are any."""
    mailer = mailer_of(settings)
    try:
        await mailer.greet()
    except MailError as error:
        raise Trouble(f"{mailer.address}: {error}") from error
    return f"{mailer.address} answers"
