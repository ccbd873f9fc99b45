"""What papers say in each language, and how they write amounts, rates, quantities and days."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.numbers import NumberPattern, parse_pattern

from domain.money import exponent

WORDS = Path(__file__).parents[2] / "templates" / "papers"
LANGUAGES = {"en": "en_GB", "fr": "fr"}
"""Each with the locale of its numbers and days. English ones as in Britain: 20 November 2026, in any country."""

_QUANTITY = parse_pattern("#,##0.###")
_PERCENT = parse_pattern("#,##0.##")


@dataclass(frozen=True)
class Language:
    """One language of papers; `word` raises KeyError for a text that it lacks."""

    name: str
    words: dict[str, str]
    locale: Locale

    def word(self, key: str, **facts: object) -> str:
        """A text by its key, with its facts filled in."""
        return self.words[key].format(**facts)

    def amount(self, minor: int, currency: str) -> str:
        """An amount of minor units with the decimals of its currency, without naming it."""
        decimals = exponent(currency)
        return str(_amount_pattern(decimals).apply(Decimal(minor).scaleb(-decimals), self.locale))

    def money(self, minor: int, currency: str) -> str:
        """An amount of minor units with its currency's ISO code, which no reader takes for another's symbol."""
        return self.word("money", amount=self.amount(minor, currency), currency=currency)

    def quantity(self, thousandths: int) -> str:
        """A quantity with as many of its three decimals as it needs."""
        return str(_QUANTITY.apply(Decimal(thousandths).scaleb(-3), self.locale))

    def rate(self, basis_points: int) -> str:
        """Basis points as per cent."""
        number = _PERCENT.apply(Decimal(basis_points).scaleb(-2), self.locale)
        return self.word("percent", number=number)

    def day(self, day: date) -> str:
        """A day, written out."""
        return format_date(day, "long", locale=self.locale)


@cache
def language_of(locale: str) -> Language:
    """The language of a locale such as `fr-DZ`; English where there is no other."""
    name = locale.replace("_", "-").partition("-")[0].lower()
    name = name if name in LANGUAGES else "en"
    words = tomllib.loads((WORDS / f"{name}.toml").read_text(encoding="utf-8"))
    return Language(name, words, Locale.parse(LANGUAGES[name]))


@cache
def _amount_pattern(decimals: int) -> NumberPattern:
    return parse_pattern("#,##0." + "0" * decimals if decimals else "#,##0")
