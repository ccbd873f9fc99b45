"""Names and addresses in headers (RFC 5322, 3.4), also where they are written against the rules.

The standard library's readers take "alice@example.org <bob@example.com>" for Alice, or for nobody: here, as for the
servers that prove a sender, the address is what stands in angle brackets.
"""

import re
from collections.abc import Iterator

from domain.mail.reading.charsets import as_text
from domain.mail.reading.content import Mailbox
from domain.mail.reading.words import decoded_words, raw_text

MOST_ADDRESSES = 500
_LONGEST_ADDRESS = 320
_LONGEST_NAME = 200

# A quoted string, a comment, an address in brackets, a sign that parts addresses, or what stands between these.
_TOKEN = re.compile(r'"((?:[^"\\]|\\.|\\\Z)*)"?|(\()|<([^<>]*)>|([,;:])|([^"(<,;:]+|.)', re.DOTALL)
_COMMENT = re.compile(r"[^()\\]*(?:\\.[^()\\]*)*")
_BLANKS = re.compile(r"\s+")
_ADDRESS = re.compile(r"[^\s@<>,;:()\"\\]+@[^\s@<>,;:()\"\\]+")
_ATOM = re.compile(r"[^\s@<>,;:()\"\\]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def mailboxes(value: str) -> tuple[Mailbox, ...]:
    """The mailboxes of an address header, each once; what has no address in it is left out."""
    found = dict.fromkeys(_mailboxes(value))
    return tuple(found)[:MOST_ADDRESSES]


def address_in(value: str) -> str:
    """The address of a header that holds one, as Return-Path; empty where there is none."""
    found = mailboxes(value)
    return found[0].address if found else ""


def _mailboxes(value: str) -> Iterator[Mailbox]:
    for words, bracketed, comment in _entries(value):
        text = "".join(words).strip()
        if bracketed is not None:
            # A route may stand before the address: <@relay.example:ada@example.com>
            yield from _mailbox(bracketed.rpartition(":")[2] if bracketed.startswith("@") else bracketed, text)
        elif bare := next((word for word in text.split() if "@" in word), None):
            yield from _mailbox(bare, comment)


def _mailbox(written: str, name: str) -> Iterator[Mailbox]:
    address = _BLANKS.sub("", as_text(raw_text(written))) if '"' not in written else written
    address = address.strip("'<>").lower().removeprefix("mailto:")
    if _ADDRESS.fullmatch(address) and len(address) <= _LONGEST_ADDRESS:
        yield Mailbox(address, decoded_words(name).strip("\"'<> ")[:_LONGEST_NAME])


def _entries(value: str) -> Iterator[tuple[list[str], str | None, str]]:
    """What stands between the commas: the words, what is in angle brackets, and the last comment."""
    words: list[str] = []
    bracketed: str | None = None
    comment = ""
    at = 0
    while at < len(value):
        token = _TOKEN.match(value, at)
        if token is None:  # pragma: no cover
            break
        at = token.end()
        quoted, opens, address, sign, plain = token.groups()
        if quoted is not None:
            is_local_part = value.startswith("@", at) and not _ATOM.fullmatch(quoted)
            words.append(f'"@{quoted}' if is_local_part else _ESCAPED.sub(r"\1", quoted))
        elif opens:
            comment, at = _comment(value, at)
        elif address is not None:
            bracketed = address
        elif sign == ":" and bracketed is None:
            # The name of a group: its members follow.
            words, comment = [], ""
        elif sign:
            yield words, bracketed, comment
            words, bracketed, comment = [], None, ""
        else:
            words.append(plain)
    yield words, bracketed, comment


def _comment(value: str, at: int) -> tuple[str, int]:
    """The comment that begins at a place, and where it ends; comments may hold comments."""
    depth, begin = 1, at
    while depth:
        part = _COMMENT.match(value, at)
        at = part.end() if part else at
        if at >= len(value):
            break
        depth += {"(": 1, ")": -1}.get(value[at], 0)
        at += 1
    return value[begin : at - 1 if depth == 0 else at], at
