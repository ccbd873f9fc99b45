"""A service level as a form shows it and as it is typed: lengths of open time as `2 h 30 min`, and a row for each step
of escalation. What cannot be read is handed on as it is: the API says what is wrong with it."""

import re
from typing import Any

from api.tickets.service_levels.schemas import SlaPolicyView
from domain.tickets.rules import TicketPriority
from web.http.forms import Form

TARGETS = ("first_response_minutes", "next_response_minutes", "resolution_minutes")
STEP = ("clock", "action", "target", "when", "amount")
SPARE_ROWS, MOST_ROWS = 2, 20
PERCENT, AFTER = "at_percent", "minutes_after_breach"
_LENGTH = re.compile(r"(?:(\d+)\s*h)?\s*(?:(\d+)\s*(?:min|m)?)?", re.IGNORECASE)


def values_of(policy: SlaPolicyView) -> dict[str, str]:
    """What stands in the form of a service level."""
    said: dict[str, Any] = policy.model_dump(mode="json")
    values = {
        "name": said["name"],
        "calendar_id": said["calendar_id"],
        "is_default": "yes" if said["is_default"] else "",
        "warn_percent": str(said["warn_percent"]),
    }
    for priority, targets in said["targets"].items():
        values |= {f"{priority}-{name}": length(targets[name]) for name in TARGETS}
    for row, step in enumerate(said["escalations"]):
        after = step[PERCENT] is None
        values |= {
            f"step{row}-clock": step["clock"],
            f"step{row}-action": step["action"],
            f"step{row}-target": step["target"] or "",
            f"step{row}-when": AFTER if after else PERCENT,
            f"step{row}-amount": length(step[AFTER]) if after else str(step[PERCENT]),
        }
    return values


def body_of(form: Form) -> dict[str, Any]:
    """What the API is told of the form."""
    given = form.values
    return {
        "name": given.get("name", ""),
        "calendar_id": given.get("calendar_id", ""),
        "is_default": bool(given.get("is_default")),
        "warn_percent": given.get("warn_percent", ""),
        "targets": {
            priority: {name: _minutes(given.get(f"{priority}-{name}", "")) for name in TARGETS}
            for priority in TicketPriority
        },
        "escalations": [_step(given, row) for row in _filled(form)],
    }


def rows_of(form: Form) -> range:
    """The rows of steps to show: those that are filled, and some more."""
    last = max(_filled(form), default=-1)
    return range(min(last + 1 + SPARE_ROWS, MOST_ROWS))


def place_errors(form: Form) -> None:
    """Puts what the API found wrong to the fields of the form."""
    rows = _filled(form)
    placed: dict[str, str] = {}
    for field, said in form.errors.items():
        parts = field.split(".")
        if parts[0] == "targets" and len(parts) > 1:
            field = "-".join((*parts[1:], TARGETS[0])[:2])
        elif parts[0] == "escalations" and len(parts) > 1 and parts[1].isdigit():
            name = parts[2] if len(parts) > 2 else "action"
            field = f"step{rows[int(parts[1])]}-{'amount' if name in (PERCENT, AFTER) else name}"
        placed.setdefault(field, said)
    form.errors = placed


def length(minutes: int | None) -> str:
    """Minutes as they are typed: `2 h 30 min`."""
    if minutes is None:
        return ""
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def _minutes(text: str) -> int | str | None:
    text = text.strip()
    if not text:
        return None
    found = _LENGTH.fullmatch(text)
    return int(found[1] or 0) * 60 + int(found[2] or 0) if found else text


def _filled(form: Form) -> list[int]:
    return [row for row in range(MOST_ROWS) if form.values.get(f"step{row}-action")]


def _step(given: dict[str, str], row: int) -> dict[str, Any]:
    clock, action, target, when, amount = (given.get(f"step{row}-{name}", "") for name in STEP)
    at = _minutes(amount) if when == AFTER else amount
    return {"clock": clock, "action": action, "target": target or None, when or PERCENT: at}
