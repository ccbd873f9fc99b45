"""The lines by which mail programs say that another mail follows: "On Monday, Ada wrote:", "---Original Message---", or
a block of its From, Sent, To and Subject.

Most are known to quotequail; here are those that it does not know, and its programs' variants in French and Arabic.
"""

import re
from collections.abc import Sequence

import quotequail

LONGEST_LINE = 500
"""A longer line introduces nothing, and would keep the patterns busy."""

_WRAPS = 3
_FIELDS_WITHIN = 12

_INTRODUCTION = re.compile(
    r"(?:On\b.{5,300}\bwrote ?:"
    r"|Le\b.{5,300}\ba (?:écrit|ecrit) ?:"
    r"|Am\b.{5,300}\bschrieb\b.{0,200}:"
    r"|El\b.{5,300}\bescribió ?:"
    r"|Il\b.{5,300}\bha scritto ?:"
    r"|(?:Op|Em)\b.{5,300}\b(?:schreef|escreveu)\b.{0,200}:"
    r"|.{3,200}<[^<>@\s]{1,100}@[^<>\s]{1,200}>,? (?:wrote|a écrit|schrieb) ?:"
    r"|(?:في|بتاريخ)\b.{5,300}(?:كتب|كتبت|بواسطة)\b.{0,200}:)",
    re.IGNORECASE,
)

_ENDS_OF_INTRODUCTIONS = ":>-_"
_DIGIT = re.compile(r"\d")
"""Programs say when it was written; a person may write "on Monday your colleague wrote:"."""

_ORIGINAL = re.compile(
    r"[-_]{2,} ?(?:Original Message|Message d['’]origine|Message original|Message initial|Ursprüngliche Nachricht"
    r"|Messaggio originale|Mensaje original|Oorspronkelijk bericht|Original-Nachricht|Reply Message|الرسالة الأصلية)"
    r" ?[-_]{2,}",
    re.IGNORECASE,
)
_RULE = re.compile(r"[_-]{20,}")

FORWARD = re.compile(
    r"[-_]{2,} ?(?:Forwarded message|Message transféré|Message réexpédié|Weitergeleitete Nachricht|Mensaje reenviado"
    r"|Messaggio inoltrato|Doorgestuurd bericht|رسالة معاد توجيهها|الرسالة المعاد توجيهها)(?: from .{1,200})? ?[-_]{2,}"
    r"|(?:Begin forwarded message|Début du message (?:transféré|réexpédié)"
    r"|Anfang der weitergeleiteten (?:E-Mail|Nachricht)|بداية الرسالة المعاد توجيهها) ?:",
    re.IGNORECASE,
)
"""The line that says of what is below that it is passed on."""

_NAMES = {
    "from": ("from", "de", "von", "expéditeur", "من"),
    "date": ("sent", "date", "envoyé", "envoyé le", "gesendet", "datum", "تاريخ الإرسال", "التاريخ"),
    "to": ("to", "à", "a", "pour", "destinataire", "an", "إلى"),
    "subject": ("subject", "objet", "sujet", "betreff", "الموضوع"),
    "cc": ("cc", "cci", "bcc", "copie à", "kopie", "reply-to", "importance"),
}
_KINDS = {name: kind for kind, names in _NAMES.items() for name in names}
_FIELD = re.compile(r"[*_ ]*([^:*\d]{1,25}?)[*_ ]*:[*_ ]*(.*)")
_MAY_BE_WRAPPED = frozenset({"to", "cc", "subject"})

_NO_BREAK_SPACES = (0xA0, 0x202F, 0x2007)
_INVISIBLE = (0x200B, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF)
_NORMAL = {**dict.fromkeys(_NO_BREAK_SPACES, " "), **dict.fromkeys(_INVISIBLE, "")}


def normal(line: str) -> str:
    """The line without quote signs, marks of direction, and the special blanks that French puts before colons."""
    return line.lstrip("> ").translate(_NORMAL).strip()


def introduction_at(lines: Sequence[str], at: int) -> int:
    """How many lines, from a place on, introduce another mail; 0 where they do not. They may be wrapped."""
    first = normal(lines[at])
    if not first or len(first) > LONGEST_LINE:
        return 0
    if _ORIGINAL.fullmatch(first) or FORWARD.fullmatch(first):
        return 1
    if _RULE.fullmatch(first):
        # Many signatures begin with a rule too.
        return 1 if any(header_at(lines, number) for number in range(at + 1, min(at + 3, len(lines)))) else 0
    joined = ""
    for count, line in enumerate(lines[at : at + _WRAPS], start=1):
        words = normal(line)
        if not words or len(words) > LONGEST_LINE:
            break
        joined = f"{joined} {words}".strip()
        if _INTRODUCTION.fullmatch(joined) and _DIGIT.search(joined):
            return count
    return 1 if _known_to_quotequail(first) else header_at(lines, at)


def _known_to_quotequail(line: str) -> bool:
    if line[-1] not in _ENDS_OF_INTRODUCTIONS:
        return False
    found = quotequail.unwrap(line)
    return found is not None and (found["type"] == "forward" or _DIGIT.search(line) is not None)


def header_at(lines: Sequence[str], at: int) -> int:
    """How many lines, from a place on, are the header of another mail: its sender, its subject and a field more; 0
    where they are not. "From: Paris, To: Rome, Date: May" is none."""
    return _header(lines, at)[1]


def header_fields(lines: Sequence[str], at: int) -> dict[str, str]:
    """The fields of such a header: `from`, `date`, `to`, `subject`, `cc`, as far as they are there."""
    return _header(lines, at)[0]


def _header(lines: Sequence[str], at: int) -> tuple[dict[str, str], int]:
    fields: dict[str, str] = {}
    last, end = "", at
    for number in range(at, min(at + _FIELDS_WITHIN, len(lines))):
        line = normal(lines[number])
        field = _field(line)
        if field:
            last, end = field[0], number + 1
            fields.setdefault(*field)
        elif line and last in _MAY_BE_WRAPPED and any(_field(normal(one)) for one in lines[number + 1 : number + 3]):
            fields[last] = f"{fields[last]} {line}"
        elif line or number == at or "subject" in fields:
            break
    return (fields, end - at) if fields.keys() >= {"from", "subject"} and len(fields) >= 3 else ({}, 0)


def _field(line: str) -> tuple[str, str] | None:
    found = _FIELD.fullmatch(line) if len(line) <= 2 * LONGEST_LINE else None
    kind = _KINDS.get(found[1].strip().lower()) if found else None
    return (kind, found[2].strip()) if found and kind else None
