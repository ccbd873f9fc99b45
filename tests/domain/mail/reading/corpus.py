"""All mails written for the tests."""

from tests.domain.mail.reading.cases import (
    charsets,
    forwards,
    headers,
    html,
    replies,
    replies_abroad,
    reports,
    structures,
)

LETTERS = [
    *charsets.CASES,
    *headers.CASES,
    *html.CASES,
    *forwards.CASES,
    *replies.CASES,
    *replies_abroad.CASES,
    *reports.CASES,
    *structures.CASES,
]
