"""A calendar as a form shows it and as it is typed: a line of hours for each weekday, a line for each holiday. What
cannot be read is handed on as it is: the API says what is wrong with it."""

import re
from typing import Any

from api.tickets.service_levels.schemas import CalendarView
from web.http.forms import Form

DAYS = tuple(f"day{number}" for number in range(7))
_HOUR = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?")


def values_of(calendar: CalendarView) -> dict[str, str]:
    """What stands in the form of a calendar."""
    said: dict[str, Any] = calendar.model_dump(mode="json")
    of_days: dict[str, list[str]] = {day: [] for day in DAYS}
    for window in sorted(said["windows"], key=lambda each: each["opens"]):
        of_days[f"day{window['weekday']}"].append(f"{window['opens']}-{window['closes']}")
    return {
        "name": said["name"],
        "timezone": said["timezone"],
        "always_open": "yes" if said["always_open"] else "",
        "holiday_country": said["holiday_country"] or "",
        "holidays_added": "\n".join(f"{day} {name}" for day, name in sorted(said["holidays_added"].items())),
        "holidays_removed": "\n".join(said["holidays_removed"]),
        **{day: ", ".join(hours) for day, hours in of_days.items()},
    }


def body_of(form: Form) -> dict[str, Any]:
    """What the API is told of the form."""
    return {
        "name": form.values.get("name", ""),
        "timezone": form.values.get("timezone", ""),
        "always_open": bool(form.values.get("always_open")),
        "windows": [window for _, window in _windows(form)],
        "holiday_country": form.values.get("holiday_country", "").strip().upper() or None,
        "holidays_added": dict(_named(line) for line in _lines(form, "holidays_added")),
        "holidays_removed": _lines(form, "holidays_removed"),
    }


def place_errors(form: Form) -> None:
    """Puts what the API found wrong with hours and days to the lines in which they stand."""
    days = [day for day, _ in _windows(form)]
    placed: dict[str, str] = {}
    for field, said in form.errors.items():
        section, _, rest = field.partition(".")
        if section == "windows" and rest.split(".")[0].isdigit():
            section = days[int(rest.split(".")[0])]
        placed.setdefault(section, said)
    form.errors = placed


def _windows(form: Form) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for number, day in enumerate(DAYS):
        for part in form.values.get(day, "").replace("–", "-").split(","):
            if part.strip():
                opens, _, closes = part.partition("-")
                found.append((day, {"weekday": number, "opens": _clock(opens), "closes": _clock(closes)}))
    return found


def _clock(text: str) -> str:
    """`8` and `8:00` are 08:00; what is no time stays as it is."""
    found = _HOUR.fullmatch(text.strip())
    return f"{int(found[1]):02d}:{found[2] or '00'}" if found else text.strip()


def _lines(form: Form, name: str) -> list[str]:
    return [line.strip() for line in form.values.get(name, "").splitlines() if line.strip()]


def _named(line: str) -> tuple[str, str]:
    day, _, name = line.partition(" ")
    return day, name.strip() or day
