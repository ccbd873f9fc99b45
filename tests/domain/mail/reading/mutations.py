"""Mails that something has gone wrong with: bytes lost, doubled, exchanged, cut off, or mixed with another mail's."""

import random
from collections.abc import Callable, Iterator, Sequence

_ODD = (
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"\r",
        b"\n\n",
        b"\r\n\r\n",
        b"\t",
        b'"',
        b"\\",
        b"(",
        b"<",
        b">",
        b";",
        b"=",
    ),
    *(b"=?utf-8?B?", b"=?utf-8?Q?=", b"?=", b"charset=utf-7", b"charset=utf-16", b"--b1", b"--b1--", b"boundary=b1;"),
    *(
        b"Content-Type: multipart/mixed; boundary=b1\r\n\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"message/rfc822",
    ),
    *(b"<div>", b"</div>", b"<table><td>", b"<blockquote>", b"<!--", b"<script>", b"<a href=", b"&#0;", b"&#xd800;"),
    *(b"> ", b"On a wrote:", b"##- ", b"From: ", b"\r\nIn-Reply-To: <a>\r\n", b"filename*0*=", b"%00", b"\xe2\x80\xae"),
)


def mutations(mails: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """So many mails made of these; the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        mail = chance.choice(mails)
        for _ in range(chance.choice((1, 1, 2, 3, 8))):
            mail = chance.choice(_WAYS)(mail, mails, chance)
        yield mail


def _place(mail: bytes, chance: random.Random) -> int:
    """Somewhere in the mail, more often in its header than elsewhere."""
    return chance.randrange(len(mail) + 1) if chance.random() < 0.5 else chance.randrange(min(len(mail), 600) + 1)


def _piece(mail: bytes, chance: random.Random) -> tuple[int, int]:
    begin = _place(mail, chance)
    return begin, min(begin + chance.choice((1, 2, 10, 100, 2_000)), len(mail))


def _flip(mail: bytes, _mails: Sequence[bytes], chance: random.Random) -> bytes:
    changed = bytearray(mail)
    for _ in range(chance.choice((1, 5, 50))):
        if changed:
            changed[_place(mail, chance) % len(changed)] = chance.randrange(256)
    return bytes(changed)


def _lose(mail: bytes, _mails: Sequence[bytes], chance: random.Random) -> bytes:
    begin, end = _piece(mail, chance)
    return mail[:begin] + mail[end:]


def _double(mail: bytes, _mails: Sequence[bytes], chance: random.Random) -> bytes:
    begin, end = _piece(mail, chance)
    times = chance.choice((1, 2, 20, 1_000))
    return mail[:end] + mail[begin:end] * min(times, 300_000 // max(end - begin, 1)) + mail[end:]


def _cut(mail: bytes, _mails: Sequence[bytes], chance: random.Random) -> bytes:
    return mail[: _place(mail, chance)]


def _insert(mail: bytes, _mails: Sequence[bytes], chance: random.Random) -> bytes:
    at = _place(mail, chance)
    return mail[:at] + chance.choice(_ODD) * chance.choice((1, 1, 1, 3, 3_000)) + mail[at:]


def _mix(mail: bytes, mails: Sequence[bytes], chance: random.Random) -> bytes:
    other = chance.choice(mails)
    begin, end = _piece(other, chance)
    at = _place(mail, chance)
    return mail[:at] + other[begin:end] + mail[at:]


def _lines(mail: bytes, _mails: Sequence[bytes], chance: random.Random) -> bytes:
    lines = mail.split(b"\r\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\r\n".join(lines)


_WAYS: tuple[Callable[[bytes, Sequence[bytes], random.Random], bytes], ...] = (
    *(_flip, _lose, _double, _cut, _insert, _insert, _mix, _mix, _lines),
)
