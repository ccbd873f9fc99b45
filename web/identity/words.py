"""How browsers and what can be chosen in an account are called."""

import re

from domain.people.accounts import Density, SingleKeys, Theme


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


THEMES = {"": _("As the device"), Theme.LIGHT: _("Light"), Theme.DARK: _("Dark")}
DENSITIES = {"": _("Roomy"), Density.COMPACT: _("Compact")}
KEYS = {"": _("On"), SingleKeys.OFF: _("Off")}

_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


def device(user_agent: str | None) -> str:
    """A browser by what people call it, as `Firefox, Windows`; of one that says something else, its first word."""
    said = user_agent or ""
    known = [next((name for mark, name in each if mark in said), None) for each in (_BROWSERS, _SYSTEMS)]
    if any(known):
        return ", ".join(name for name in known if name)
    return re.split(r"[\s/]", said)[0][:40]
