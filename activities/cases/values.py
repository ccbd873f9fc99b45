"""Values of columns as the timeline shows them."""

from datetime import datetime
from typing import Any
from uuid import UUID


def as_json(values: dict[str, Any]) -> dict[str, Any]:
    """The values by name, in the form that JSON has for them."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value
