"""How times, amounts and lengths read in a language."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, get_currency_precision
from babel.units import format_unit

from api.http.paging import COUNTED_TO

Gettext = Callable[[str], str]


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


_TODAY, _TODAY_ALONE = _("today"), _("Today")
MINUTES, HOURS, HOURS_AND_MINUTES = _("%(minutes)s min"), _("%(hours)s h"), _("%(hours)s h %(minutes)s min")
"""A length of time."""


def when(at: datetime, now: datetime, zone: ZoneInfo, language: str, gettext: Gettext) -> str:
    """A moment: `today, 12:55`, `Wed 18 Nov, 14:20`, `18 Nov 2025, 14:20`."""
    here, today = at.astimezone(zone), now.astimezone(zone)
    clock = format_time(here, "HH:mm", locale=language)
    if here.date() == today.date():
        return f"{gettext(_TODAY)}, {clock}"
    shape = "EEE d MMM" if abs(here - today) < timedelta(days=300) else "d MMM y"
    return f"{format_datetime(here, shape, locale=language)}, {clock}"


def day(at: datetime, now: datetime, zone: ZoneInfo, language: str, gettext: Gettext) -> str:
    """A day: `Today`, `Thursday 19 November`, `19 November 2025`."""
    here, today = at.astimezone(zone), now.astimezone(zone)
    if here.date() == today.date():
        return gettext(_TODAY_ALONE)
    return format_date(here, "EEEE d MMMM" if abs(here - today) < timedelta(days=300) else "d MMMM y", locale=language)


def calendar_day(which: date, language: str) -> str:
    """A day of the calendar: `19 Nov 2026`."""
    return format_date(which, "d MMM y", locale=language)


def clock(at: datetime, zone: ZoneInfo, language: str) -> str:
    """A time of day: `12:55`."""
    return format_time(at.astimezone(zone), "HH:mm", locale=language)


def weekday(at: date, shape: str, language: str) -> str:
    """A date by its weekday: `Thu 19 Nov`, as a `day` only `Thu 19`, or, `short`, the first letter of it."""
    return format_date(at, {"short": "EEEEE", "day": "EEE d"}.get(shape, "EEE d MMM"), locale=language)


def iso(at: datetime) -> str:
    """A moment as machines read it, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def money(minor: int, currency: str, language: str) -> str:
    """An amount with its currency: `1,283,680.61 DZD`."""
    amount = minor / 10 ** get_currency_precision(currency)
    return format_currency(amount, currency, "#,##0.00 ¤¤", locale=language, currency_digits=True)


def amount(minor: int, currency: str, language: str) -> str:
    """An amount whose currency is said elsewhere: `1,283,680.61`."""
    return format_currency(
        minor / 10 ** get_currency_precision(currency), currency, "#,##0.00", locale=language, currency_digits=True
    )


def number(value: int | Decimal, language: str) -> str:
    """A count: `10,000`; a quantity: `2.5`."""
    return format_decimal(value, locale=language)


def total(value: int, language: str) -> str:
    """How many there are, where it was counted no further than it matters: `42`, `10,000+`."""
    said = number(min(value, COUNTED_TO), language)
    return f"{said}+" if value >= COUNTED_TO else said


def percent(basis_points: int, language: str) -> str:
    """A rate: `19 %`."""
    return f"{format_decimal(Decimal(basis_points) / 100, locale=language)} %"


def size(octets: int, language: str) -> str:
    """The size of a file: `18 kB`."""
    if octets < 1_000_000:
        return format_unit(max(1, octets // 1000), "digital-kilobyte", "short", locale=language)
    return format_unit(octets / 1_000_000, "digital-megabyte", "short", "0.0", locale=language)
