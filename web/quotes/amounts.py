"""Amounts, rates and quantities as people type them: what cannot be read is sent as it is, and refused by the API."""

from decimal import Decimal, InvalidOperation

from babel.numbers import NumberFormatError, format_decimal, parse_decimal

from domain.money import exponent


def number_of(text: str, language: str) -> Decimal | None:
    """The number that is written there in the language's way, else in that of machines; None for anything else."""
    plain = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    try:
        return parse_decimal(plain, locale=language, strict=True)
    except NumberFormatError:
        pass
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def minor_of(text: str, currency: str, language: str) -> int | str:
    """An amount in minor units of the currency."""
    return _shifted(text, exponent(currency), language)


def basis_points_of(text: str, language: str) -> int | str:
    """A rate in percent as basis points."""
    return _shifted(text.removesuffix("%").strip(), 2, language)


def quantity_of(text: str, language: str) -> str:
    """A quantity with a decimal point."""
    number = number_of(text, language)
    return text if number is None else format(number, "f")


def _shifted(text: str, places: int, language: str) -> int | str:
    number = number_of(text, language)
    if number is None or not number.is_finite():
        return text
    shifted = number.scaleb(places)
    return int(shifted) if shifted == int(shifted) else text


def amount_text(minor: int, currency: str, language: str) -> str:
    """An amount as it stands in a field: `95000.00`."""
    decimals = exponent(currency)
    return _plain(Decimal(minor).scaleb(-decimals), "0" if not decimals else f"0.{'0' * decimals}", language)


def rate_text(basis_points: int, language: str) -> str:
    """A rate in percent as it stands in a field: `19`."""
    return _plain(Decimal(basis_points).scaleb(-2), "0.##", language)


def quantity_text(quantity: Decimal, language: str) -> str:
    """A quantity as it stands in a field: `2.5`."""
    return _plain(quantity, "0.###", language)


def _plain(value: Decimal, shape: str, language: str) -> str:
    said: str = format_decimal(value, shape, locale=language)
    return said
