"""Reads mails one after the other: a stranger's bytes come in, what they say goes out, and nothing else is touched.

It runs as a process of its own with little memory and time, because what it reads may be made to do harm. A request is
the length of its terms (4 bytes), the terms as JSON, and the mail; an answer is its length, then a mail as JSON or the
code of why there is none, or the domains whose signatures are valid. The first answer, empty, says that it is ready.
"""

import resource
import signal
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import FrameType
from typing import BinaryIO

from pydantic import TypeAdapter

from domain.mail.reading.content import ReadMail, Unreadable
from domain.mail.reading.limits import Limit, TookTooLong
from domain.mail.reading.reader import read
from domain.mail.signatures import valid_signers

LENGTH = struct.Struct(">I")
MAIL, CODE, SIGNERS = b"M", b"C", b"S"
"""How an answer begins."""


@dataclass(frozen=True)
class Terms:
    """How a mail of so many bytes is to be read (see `domain.mail.reading.reader.read`), and within how many seconds of
    processor time. With `keys` it is not read: its signatures are checked (`domain.mail.signatures.valid_signers`)."""

    size: int
    seconds: float
    arrived_at: datetime | None = None
    whole: bool = True
    plain: bool = False
    keys: dict[str, str] | None = None


def main() -> None:
    """Answers requests on standard input until it ends. The arguments are how many bytes of memory there are, and how
    many seconds of processor time a step may take that a mail can be read without."""
    memory, step_seconds = int(sys.argv[1]), float(sys.argv[2])
    limit = partial(_limited, step_seconds)
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    signal.signal(signal.SIGPROF, _gives_up)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    _answer(answers, b"")
    while length := requests.read(LENGTH.size):
        terms = TERMS.validate_json(requests.read(LENGTH.unpack(length)[0]))
        raw = requests.read(terms.size)
        if len(raw) < terms.size:
            return
        # Nobody handles this signal: it ends the process, also in the middle of native code.
        signal.setitimer(signal.ITIMER_VIRTUAL, terms.seconds)
        answer = _read(raw, terms, limit)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        _answer(answers, answer)


TERMS: TypeAdapter[Terms] = TypeAdapter(Terms)
READ_MAIL: TypeAdapter[ReadMail] = TypeAdapter(ReadMail)
DOMAINS: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])


def _read(raw: bytes, terms: Terms, limit: Limit) -> bytes:
    try:
        if terms.arrived_at is None:
            return SIGNERS + DOMAINS.dump_json(valid_signers(raw, terms.keys or {}))
        mail = read(raw, arrived_at=terms.arrived_at, whole=terms.whole, plain=terms.plain, limit=limit)
        return MAIL + READ_MAIL.dump_json(mail)
    except Unreadable as unreadable:
        return CODE + unreadable.code.encode()
    except MemoryError:
        return CODE + b"too_big"


def _answer(answers: BinaryIO, answer: bytes) -> None:
    answers.write(LENGTH.pack(len(answer)))
    answers.write(answer)
    answers.flush()


_is_limited = False


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """A step of at most so many seconds of processor time. Where a library swallows the first `TookTooLong`, there
    are more."""
    global _is_limited
    _is_limited = True
    signal.setitimer(signal.ITIMER_PROF, seconds, seconds / 4)
    try:
        yield
    finally:
        _is_limited = False
        signal.setitimer(signal.ITIMER_PROF, 0)


def _gives_up(_signal: int, _frame: FrameType | None) -> None:
    if _is_limited:
        raise TookTooLong


if __name__ == "__main__":
    main()
