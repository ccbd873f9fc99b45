"""`casewright mail-catcher`: the development mail server, started by `casewright up`."""

import asyncio

from ops.embedded.mail_catcher import catch_mail
from runtime.settings import settings


def mail_catcher() -> None:
    """Catch mail instead of delivering it."""
    asyncio.run(catch_mail(settings().home.absolute(), settings().smtp_catcher_port))
