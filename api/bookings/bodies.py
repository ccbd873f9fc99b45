"""What a body says of a row: which columns it sets, and whether its hours can be."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from api.http.payloads import Payload
from api.http.problems import field_error
from domain.calendar import BusinessCalendar, Window
from domain.refusal import Refusal


def made_of(body: Payload) -> dict[str, Any]:
    """The columns of a new row: what the body gives or has a default for."""
    values = _columns(body, type(body).model_fields)
    return {name: value for name, value in values.items() if value is not None}


def given(body: Payload, *, can_be_without: Collection[str]) -> dict[str, Any]:
    """The columns that the body changes. Raises 422 `missing` for a null where something is needed."""
    values = _columns(body, body.model_fields_set)
    for name, value in values.items():
        if value is None and name not in can_be_without:
            raise field_error(name, "missing", "This cannot be left empty.")
    return values


def _columns(body: Payload, names: Iterable[str]) -> dict[str, Any]:
    return {name: _kept(getattr(body, name)) for name in names}


def _kept(value: Any) -> Any:
    if isinstance(value, list):
        return [dict(each) if isinstance(each, Payload) else each for each in value]
    return value


def require_hours(timezone: str, windows: Iterable[Mapping[str, int]], field: str = "windows") -> None:
    """Raises 422 for windows that cannot be hours of a week, by `field`, and as `require_timezone`."""
    require_timezone(timezone)
    try:
        BusinessCalendar(timezone, tuple(Window(**window) for window in windows))
    except Refusal as refusal:
        raise field_error(field, refusal.code, refusal.sentence) from None


def require_timezone(timezone: str) -> None:
    """Raises 422 `timezone_unknown`."""
    try:
        BusinessCalendar(timezone, always_open=True)
    except Refusal as refusal:
        raise field_error("timezone", refusal.code, refusal.sentence) from None
