"""Values of settings as forms show them, and as the API takes what is typed. What cannot be read is handed on as it is:
the API says what is wrong with it."""

from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import get_currency_precision

from web.settings.sections import Kind, Setting


def shown(setting: Setting, value: Any, currency: str) -> str:
    """The value as it stands in its field."""
    if value is None:
        return ""
    if setting.kind in (Kind.NUMBERS, Kind.WORDS):
        return ", ".join(map(str, value))
    if setting.kind is Kind.PERCENT:
        return _plain(Decimal(value) / 100)
    if setting.kind is Kind.MONEY:
        return _plain(Decimal(value).scaleb(-get_currency_precision(currency)))
    if setting.kind is Kind.YES_NO:
        return "yes" if value else "no"
    return str(value)


def typed(setting: Setting, text: str, currency: str) -> Any:
    """What the API is to be told of what was typed."""
    text = text.strip()
    if setting.kind in (Kind.NUMBERS, Kind.WORDS):
        return [part.strip() for part in text.split(",") if part.strip()]
    if setting.kind is Kind.YES_NO:
        return text == "yes"
    if not text:
        return None if setting.optional else ""
    if setting.kind is Kind.PERCENT:
        return _scaled(text, 2)
    if setting.kind is Kind.MONEY:
        return _scaled(text, get_currency_precision(currency))
    return text


def _scaled(text: str, places: int) -> int | str:
    """`19,5` with two places is 1950; more places than there are, or no number, stay text."""
    try:
        number = Decimal(text.replace(" ", "").replace("\u202f", "").replace(",", ".")).scaleb(places)
        return int(number) if number == number.to_integral_value() else text
    except (InvalidOperation, OverflowError):
        return text


def _plain(number: Decimal) -> str:
    said = f"{number:f}"
    return said.rstrip("0").rstrip(".") if "." in said else said
