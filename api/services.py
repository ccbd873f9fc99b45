"""What a route stands on: made once when the app starts."""

from dataclasses import dataclass, field

from fastapi import Request

from api.metrics import Metrics
from api.tokens import Tokens
from models.database import Database
from workers.dispatch import Dispatcher
from workers.settings import Settings


@dataclass(frozen=True)
class Services:
    settings: Settings
    database: Database
    dispatcher: Dispatcher
    tokens: Tokens
    metrics: Metrics = field(default_factory=Metrics)


def services(request: Request) -> Services:
    """The app's services, as a dependency."""
    found: Services = request.app.state.services
    return found
