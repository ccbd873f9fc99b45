"""The languages of the pages, from catalogues that are read when the process starts."""

from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LOCALE = Path(__file__).parents[1] / "locale"
LANGUAGES = {"en": "English", "fr": "Français"}
"""By their codes, each in its own words. The texts of templates are English: it needs no catalogue."""


def _catalogue(language: str) -> NullTranslations:
    path = LOCALE / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    packed = BytesIO()
    with path.open("rb") as file:
        write_mo(packed, read_po(file, locale=language))
    packed.seek(0)
    return Translations(packed)


CATALOGUES = {language: _catalogue(language) for language in LANGUAGES}


def language_of(*wishes: str | None) -> str:
    """The first of the wishes that we speak, else English. A wish is a locale as `fr-DZ`, or what `Accept-Language`
    says (RFC 9110, 12.5.4)."""
    for wish in wishes:
        for each in _by_weight(wish or ""):
            if (code := each.replace("_", "-").partition("-")[0].lower()) in LANGUAGES:
                return code
    return "en"


def _by_weight(wish: str) -> list[str]:
    weighed = []
    for part in wish.split(",")[:20]:
        name, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        if quality > 0:
            weighed.append((quality, name.strip()))
    return [name for _, name in sorted(weighed, key=lambda each: -each[0])]
