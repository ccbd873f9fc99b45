"""The API's document, made once in each test process."""

from functools import cache
from typing import Any

from api.app import create_app
from runtime.settings import Settings


@cache
def document() -> dict[str, Any]:
    """The document of the embedded stack's API."""
    return create_app(Settings(embedded=True)).openapi()
