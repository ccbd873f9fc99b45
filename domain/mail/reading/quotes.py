"""Takes from a reply what it only repeats: the mail that it answers.

What stands between or below quotes was written on purpose, and stays. So does everything where it is not plain what
is quoted: it is better to read a mail twice than not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.mail.reading.attribution import LONGEST_LINE, introduction_at
from domain.mail.reading.marker import is_marker

_ABOVE_MARKER = 6


@dataclass(frozen=True)
class Trimmed:
    text: str
    quoted: str


def trimmed(text: str) -> Trimmed:
    """The text of a reply, and what was taken from it. Nothing is taken where nothing would be left."""
    lines = text.split("\n")
    begins = _begins(lines)
    if begins is None:
        return Trimmed(text, "")
    ends = _ends(lines, begins)
    if ends is None:
        return Trimmed(text, "")
    above, below = _joined(lines[:begins]), _joined(lines[ends:])
    kept = "\n\n".join(one for one in (above, below) if one)
    return Trimmed(kept, _joined(lines[begins:ends])) if kept else Trimmed(text, "")


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()


def _begins(lines: Sequence[str]) -> int | None:
    """Where the other mail begins, its introduction included."""
    for at, line in enumerate(lines):
        if len(line) > LONGEST_LINE:
            continue
        if is_marker(line):
            return _introduced(lines, at)
        if line.startswith(">") or introduction_at(lines, at):
            return at
    return None


def _introduced(lines: Sequence[str], marked: int) -> int:
    """Where the introduction begins that stands right above our marker line."""
    for at in range(max(marked - _ABOVE_MARKER, 0), marked):
        if introduction_at(lines, at):
            return at
    return marked


def _ends(lines: Sequence[str], begins: int) -> int | None:
    """Where the other mail ends: at the last of the lines with quote signs, else with the text. None where quotes and
    answers take turns."""
    introduced = begins + (introduction_at(lines, begins) if not lines[begins].startswith(">") else 0)
    first = next((at for at in range(introduced, len(lines)) if lines[at].strip()), None)
    if first is None or not lines[first].startswith(">"):
        return len(lines)
    end = first
    while end < len(lines) and (lines[end].startswith(">") or not lines[end].strip()):
        end += 1
    return None if any(line.startswith(">") for line in lines[end:]) else end
