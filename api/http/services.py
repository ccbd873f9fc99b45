"""What a route stands on: made once when the app starts."""

import asyncio
from dataclasses import dataclass, field

from fastapi import Request

from api.cases.dispatch import Dispatcher
from api.cases.live import Live
from api.files.printer import Printer
from api.http.metrics import Metrics
from api.identity.tokens import Tokens
from api.mail.courier import Courier
from api.mail.mailboxes import Mailboxes
from models.database import Database
from runtime.settings import Settings
from stores.files.scanner import VirusScanner
from stores.files.storage import FileStorage
from stores.mail.secrets import Secrets

HASHING_AT_ONCE = 1
"""How many requests of one process hash passwords at once. More would not be faster, because each hash takes a core."""


@dataclass(frozen=True)
class Services:
    settings: Settings
    database: Database
    dispatcher: Dispatcher
    courier: Courier
    mailboxes: Mailboxes
    printer: Printer
    tokens: Tokens
    files: FileStorage
    scanner: VirusScanner
    secrets: Secrets
    live: Live
    metrics: Metrics = field(default_factory=Metrics)
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHING_AT_ONCE))


async def services(request: Request) -> Services:
    """The app's services, as a dependency. It is async because FastAPI runs plain functions in a thread each time."""
    found: Services = request.app.state.services
    return found
