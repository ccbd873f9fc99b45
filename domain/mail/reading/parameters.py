"""Header fields that have parameters, as `text/plain; charset=utf-8` (RFC 2045, 5.1), their values continued and in
any charset (RFC 2231), also where they are written against the rules."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from domain.mail.reading.charsets import decoded
from domain.mail.reading.words import decoded_words

_MOST_PARAMETERS = 200

# A value in quotes, whose end may be missing, or all up to the next semicolon: names with blanks are often unquoted.
_PARAMETER = re.compile(r';\s*([^\s=;"*]{1,60})(\*\d{1,3})?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True)
class Value:
    """What a field says: its value in lower case, and its parameters by name in lower case, decoded."""

    main: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.parameters.get(name, "")


def value_of(written: str) -> Value:
    main = written.partition(";")[0].strip().lower()
    return Value(main, _collected(written[len(written.partition(";")[0]) :]))


@dataclass
class _Pieces:
    """What is said of one parameter: as a whole, and in numbered pieces of which some are percent-encoded."""

    plain: str | None = None
    numbered: dict[int, tuple[str, bool]] = field(default_factory=dict)


def _collected(written: str) -> dict[str, str]:
    pieces: dict[str, _Pieces] = {}
    for name, number, encoded, value in _parameters(written):
        mine = pieces.setdefault(name, _Pieces())
        if number is None and not encoded:
            mine.plain = value if mine.plain is None else mine.plain
        else:
            mine.numbered.setdefault(number or 0, (value, encoded))
    return {name: _joined(mine) for name, mine in pieces.items()}


def _parameters(written: str) -> Iterator[tuple[str, int | None, bool, str]]:
    for count, found in enumerate(_PARAMETER.finditer(written)):
        if count == _MOST_PARAMETERS:
            return
        name, number, encoded, quoted, bare = found.groups()
        value = _ESCAPED.sub(r"\1", quoted) if quoted is not None else bare.strip()
        yield name.lower(), int(number[1:]) if number else None, bool(encoded), value


def _joined(pieces: _Pieces) -> str:
    if not pieces.numbered:
        return decoded_words(pieces.plain or "")
    charset = ""
    content = b""
    for place, (_, (value, encoded)) in enumerate(sorted(pieces.numbered.items())):
        if encoded and place == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        raw = value.encode("utf-8", "surrogateescape")
        content += unquote_to_bytes(raw) if encoded else raw
    text = decoded(content, charset)
    return decoded_words(text)
