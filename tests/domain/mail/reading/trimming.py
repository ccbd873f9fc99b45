"""Answers, and what of them is new: written as one text, the new words on top."""

from tests.domain.mail.reading.letters import Letter, letter, reply

ANSWER = "Yes, please send it again."


def rest_of(written: str, answer: str) -> str:
    """What stands below the answer, without the margin of this file."""
    lines = [line.removeprefix("    ").rstrip() for line in written.split("\n")]
    return "\n".join(lines).strip().removeprefix(answer).strip()


def trimmed(kind: str, written: str, answer: str = ANSWER) -> Letter:
    return letter(kind, reply(written), text=answer, quoted=rest_of(written, answer), cut=())


def untouched(kind: str, written: str, raw: bytes | None = None) -> Letter:
    return letter(kind, raw or reply(written), text=rest_of(written, ""), quoted="", cut=())
