"""Why a promise is due when it is, in the visitor's language and zone."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from babel.dates import format_date, format_datetime, get_day_names
from babel.lists import format_list

from api.tickets.schemas import ClockView, SayingView
from domain.tickets.sla.explanation import ENGLISH, Saying, sentence
from web.http.rendering import gettext
from web.http.visits import Visit
from web.tickets.words import WHYS

_NEAR = timedelta(days=6)
_RESUMED = "resumed: "


class Spoken:
    """The words of the visitor's language."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def text(self, code: str) -> str:
        """What a code says."""
        return gettext(self._visit, ENGLISH[code])

    def value(self, name: str, value: Any) -> Any:
        """A value as it is said."""
        language = self._visit.language
        match name:
            case "at" | "since" | "stopped" | "from" | "to":
                here = value.astimezone(self._visit.zone)
                return format_datetime(here, f"{self._shape(here.date())} HH:mm", locale=language)
            case "day":
                return format_date(value, self._shape(value, "EEEE"), locale=language)
            case "target" | "over" | "ago":
                return self._minutes(value)
            case "why":
                return why(self._visit, value)
            case "weekdays":
                return self.listed([get_day_names("wide", locale=language)[day] for day, _often in value])
        return value

    def listed(self, words: Sequence[str]) -> str:
        """Several as one."""
        return format_list(list(words), locale=self._visit.language)

    def _minutes(self, count: int) -> str:
        return gettext(self._visit, "%(count)d min") % {"count": count}

    def _shape(self, day: Any, near: str = "EEE") -> str:
        return near if abs(day - self._visit.now.astimezone(self._visit.zone).date()) <= _NEAR else "EEE d MMM"


def promised(visit: Visit, clock: ClockView) -> str:
    """The clock's sentence."""
    return sentence(_saying(clock.explained), Spoken(visit))


def why(visit: Visit, word: str) -> str:
    """Why a clock ran or stopped: a word that it keeps of it, or `resumed:` and the state that it was resumed by."""
    if word.startswith(_RESUMED):
        return gettext(visit, "taken up again: %(state)s") % {"state": why(visit, word.removeprefix(_RESUMED))}
    return gettext(visit, WHYS.get(word, word.replace("_", " ")))


def _saying(view: SayingView) -> Saying:
    return Saying(view.code, view.values, tuple(map(_saying, view.because)))
