"""All mails written for the tests."""

from tests.domain.mail.reading.cases import charsets, forwards, headers, html, replies, reports, structures

LETTERS = [
    *charsets.CASES,
    *headers.CASES,
    *html.CASES,
    *forwards.CASES,
    *replies.CASES,
    *reports.CASES,
    *structures.CASES,
]
