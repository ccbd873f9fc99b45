"""What a route stands on: made once when the app starts."""

import asyncio
from dataclasses import dataclass, field

from fastapi import Request

from activities.file_storage import FileStorage
from activities.virus_scanner import VirusScanner
from api.metrics import Metrics
from api.tokens import Tokens
from models.database import Database
from workers.courier import Courier
from workers.dispatch import Dispatcher
from workers.printer import Printer
from workers.settings import Settings

HASHING_AT_ONCE = 1
"""Requests in progress, in one process, that hash passwords: more would be through no sooner, a hash takes a core."""


@dataclass(frozen=True)
class Services:
    settings: Settings
    database: Database
    dispatcher: Dispatcher
    courier: Courier
    printer: Printer
    tokens: Tokens
    files: FileStorage
    scanner: VirusScanner
    metrics: Metrics = field(default_factory=Metrics)
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHING_AT_ONCE))


def services(request: Request) -> Services:
    """The app's services, as a dependency."""
    found: Services = request.app.state.services
    return found
