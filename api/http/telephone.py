"""Telephone numbers as payloads hold them."""

from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, Field, StringConstraints


def _in_full(text: str) -> str:
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_valid_number(number):
        raise ValueError("must be a telephone number with its country code, as +213 550 12 34 56")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


PhoneNumber = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_in_full),
    Field(description="With its country code; it is kept as E.164 writes it.", examples=["+213 550 12 34 56"]),
]
