"""From bytes to text, whatever a mail says of its charset.

What is declared is taken where the bytes bear it out, by the names and meanings that browsers know (WHATWG Encoding
Standard); else UTF-8, else what the bytes look like, else Latin-1, which takes any byte.
"""

import codecs
import re

import webencodings
from charset_normalizer import CharsetMatch, from_bytes

_LOOKED_AT_BYTES = 20_000
_BAD_SHARE = 0.25
"""So much of what is not ASCII may be broken in a text that is UTF-8 all the same: cut off, or joined to another. Of
a text that is none, nearly all is."""

_DETECTED = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874", "koi8_r"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949", "utf_16_le", "utf_16_be"),
]
_ALIKE = 0.1

_WESTERN = frozenset({"windows-1252", "iso-8859-15", "x-user-defined"})
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LINE_END = re.compile("\r\n?|\u2028|\u2029|\x85")
_BLIND_CODECS = frozenset({"utf-7", "hz-gb-2312", "replacement"})
_HIGH = re.compile(rb"[\x80-\xff]")


def decoded(content: bytes, declared: str = "") -> str:
    """The text of some bytes: never fails, holds no NUL, control character or lone surrogate, and its lines end with
    a line feed."""
    return as_text(_decoded(content, declared.strip().strip("\"'").lower()))


def as_text(text: str) -> str:
    """The text as people and Postgres take it: without NULs, control characters and lone surrogates."""
    return _NOT_TEXT.sub(_replaced, _LINE_END.sub("\n", text))


def _replaced(found: re.Match[str]) -> str:
    return "\ufffd" if found[0] >= "\ud800" else ""


def _decoded(content: bytes, declared: str) -> str:
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return content[len(mark) :].decode(codec, "replace")
    encoding = _lookup(declared)
    if encoding and not _is_lie(content, encoding):
        try:
            return str(encoding.codec_info.decode(content, "strict")[0])
        except ValueError:
            pass
    return _utf_8(content) or _detected(content)


def _lookup(declared: str) -> webencodings.Encoding | None:
    if declared in _BLIND_CODECS or not declared.isascii():
        return None
    encoding = webencodings.lookup(declared)
    return None if encoding is None or encoding.name in _BLIND_CODECS else encoding


def _is_lie(content: bytes, encoding: webencodings.Encoding) -> bool:
    """Whether bytes declared to be of Western Europe are UTF-8 in truth: no text makes its sequences by chance. And
    UTF-16 is not what has no zero byte in it."""
    if encoding.name.startswith("utf-16"):
        return b"\x00" not in content[:_LOOKED_AT_BYTES] and content.isascii()
    if encoding.name not in _WESTERN or not _HIGH.search(content):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _utf_8(content: bytes) -> str:
    """The text where the bytes are UTF-8, or nearly so; empty where they are not."""
    text = content.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if not bad:
        return text
    high = len(_HIGH.findall(content))
    return text if bad <= high * _BAD_SHARE else ""


def _detected(content: bytes) -> str:
    sample = content[:_LOOKED_AT_BYTES]
    found = from_bytes(sample, cp_isolation=_DETECTED, preemptive_behaviour=False) if _HIGH.search(sample) else ()
    best = next(iter(found), None)
    if best is None:
        return content.decode("latin-1")
    codec = best.encoding
    if any(_is_as_likely(one, best) for one in found if one.encoding == "cp1252"):
        # With few letters that are not ASCII several are alike, of which this is by far the most frequent.
        codec = "cp1252"
    return content.decode(codec, "replace")


def _is_as_likely(one: CharsetMatch, best: CharsetMatch) -> bool:
    return one.coherence >= best.coherence and one.chaos <= best.chaos + _ALIKE
