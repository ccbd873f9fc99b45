"""Until when a quote can be accepted, in words and with the zone that is meant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_location


@dataclass(frozen=True)
class Until:
    """The end of a validity: its day in words, the time of day (empty at midnight), the place whose time is meant, and
    what is left of it. At midnight the day is the one that ends."""

    at: datetime
    day: str
    clock: str
    place: str
    left: timedelta

    @property
    def days(self) -> int:
        """Whole days that are left."""
        return max(self.left, timedelta()).days

    @property
    def hours(self) -> int:
        """Whole hours beside the days."""
        return max(self.left, timedelta()).seconds // 3600

    @property
    def minutes(self) -> int:
        """Whole minutes beside the hours."""
        return max(self.left, timedelta()).seconds % 3600 // 60


def last_moment(valid_until: datetime) -> datetime:
    """The last second in which a quote holds, for where there is no room for words: midnight belongs to the day that
    begins."""
    return valid_until - timedelta(seconds=1)


def until(valid_until: datetime, now: datetime, timezone: str, language: str) -> Until:
    """The end of a validity as it is said in a language and a zone."""
    zone = ZoneInfo(timezone)
    here = valid_until.astimezone(zone)
    midnight = here.hour == here.minute == 0
    last = last_moment(here) if midnight else here
    near = abs(valid_until - now) < timedelta(days=300)
    day = format_date(last, "EEEE d MMMM" if near else "EEEE d MMMM y", locale=language)
    clock = "" if midnight else format_time(here, "HH:mm", locale=language)
    place = get_timezone_location(timezone, locale=language, return_city=True) if "/" in timezone else timezone
    return Until(valid_until, day, clock, place, valid_until - now)
