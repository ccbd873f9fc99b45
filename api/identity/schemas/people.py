"""The types that payloads about people are made of."""

from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, EmailStr, Field, StringConstraints

from api.http.payloads import Stored


def _plain_address(email: str) -> str:
    if not email.isascii():
        raise ValueError("must consist of plain letters, digits and signs")
    return email.lower()


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line of text")
    return text


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not a time zone of the IANA database")
    return name


Email = Annotated[EmailStr, AfterValidator(_plain_address)]
OneLine = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_one_line)]
Password = Annotated[Stored, StringConstraints(min_length=1, max_length=200, strip_whitespace=False)]
Slug = Annotated[str, StringConstraints(min_length=2, max_length=63, pattern=r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$")]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
TimeZone = Annotated[str, Field(max_length=64, examples=["Africa/Algiers"]), AfterValidator(_time_zone)]
MailedTokenText = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[\w.-]+$")]
