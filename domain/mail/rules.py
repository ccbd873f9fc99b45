"""A tenant's rules: what is done with mails of a kind.

They are tried in order; for each thing that is chosen the first rule that chooses it counts.

Patterns are RE2's, which takes time in proportion to the text whatever the pattern, so that no rule can hold mail up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import re2

from domain.mail.reading.content import ReadMail
from domain.tickets.rules import TicketPriority

LONGEST_PATTERN = 500
LONGEST_TEXT = 100_000
"""How much of a mail's text rules look at."""


class Field(StrEnum):
    """What of a mail a condition looks at. A `header` is named by the condition."""

    FROM = "from"
    DOMAIN = "domain"
    TO = "to"
    SUBJECT = "subject"
    BODY = "body"
    HEADER = "header"
    ATTACHMENT = "attachment"
    SCORE = "score"


class Comparison(StrEnum):
    """How a condition compares, in any case of letters. A score `is` what it is at least."""

    IS = "is"
    CONTAINS = "contains"
    MATCHES = "matches"


class RuleFault(ValueError):
    """A condition that cannot be: `code` is `pattern_invalid`, `pattern_too_long`, `score_invalid` or
    `header_missing`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Condition:
    """Raises RuleFault when it is made of what cannot be."""

    field: Field
    test: Comparison
    value: str
    header: str = ""

    def __post_init__(self) -> None:
        if self.field is Field.HEADER and not self.header:
            raise RuleFault("header_missing")
        if self.field is Field.SCORE and (self.test is not Comparison.IS or not self.value.isdecimal()):
            raise RuleFault("score_invalid")
        if self.test is Comparison.MATCHES:
            pattern(self.value)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Condition":
        """From what is stored of it. Raises RuleFault."""
        return cls(Field(stored["field"]), Comparison(stored["test"]), stored["value"], stored.get("header") or "")


@dataclass(frozen=True)
class Choices:
    """What a rule chooses; ids are those of the tenant's categories and groups."""

    priority: TicketPriority | None = None
    category_id: str | None = None
    group_id: str | None = None
    tag: str | None = None
    ignore: bool = False
    spam: bool = False
    no_answer: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Choices":
        """From what is stored of them."""
        given = {name: value for name, value in stored.items() if value is not None}
        priority = given.pop("priority", None)
        return cls(**given, priority=TicketPriority(priority) if priority else None)

    @property
    def chosen(self) -> dict[str, Any]:
        """What is chosen, by name."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Rule:
    """All of its conditions must hold; one without any holds always."""

    id: str
    name: str
    conditions: tuple[Condition, ...]
    choices: Choices


@dataclass(frozen=True)
class Chosen:
    """What came of the rules: the choices together, and which rule chose what by which words."""

    choices: Choices
    because: tuple[dict[str, Any], ...] = ()


@lru_cache(maxsize=1_000)
def pattern(text: str) -> Any:
    """RE2's pattern, in any case of letters. Raises RuleFault."""
    if len(text) > LONGEST_PATTERN:
        raise RuleFault("pattern_too_long")
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = 8 * 1024 * 1024
    try:
        return re2.compile(text, options)
    except re2.error:
        raise RuleFault("pattern_invalid") from None


def choose(rules: Sequence[Rule], mail: ReadMail, score: int) -> Chosen:
    """What a tenant's rules, in their order, choose for a mail with this score of spam."""
    together: dict[str, Any] = {}
    because: list[dict[str, Any]] = []
    for rule in rules:
        words = _words(rule, mail, score)
        if words is None:
            continue
        new = {name: value for name, value in rule.choices.chosen.items() if name not in together}
        if new:
            together |= new
            because.append({"rule": rule.name, "rule_id": rule.id, "words": words, "chose": sorted(new)})
    return Chosen(Choices(**together), tuple(because))


def _words(rule: Rule, mail: ReadMail, score: int) -> list[str] | None:
    """The words by which the rule holds, None where it does not."""
    words = []
    for condition in rule.conditions:
        found = _found(condition, mail, score)
        if found is None:
            return None
        words.append(found[:LONGEST_PATTERN])
    return words


def _found(condition: Condition, mail: ReadMail, score: int) -> str | None:
    if condition.field is Field.SCORE:
        return str(score) if score >= int(condition.value) else None
    compare = _TESTS[condition.test]
    for text in _texts(condition, mail):
        found = compare(text, condition.value)
        if found is not None:
            return found
    return None


def _is(text: str, value: str) -> str | None:
    return text if text.casefold() == value.casefold() else None


def _contains(text: str, value: str) -> str | None:
    at = text.casefold().find(value.casefold())
    return value if at >= 0 else None


def _matches(text: str, value: str) -> str | None:
    found = pattern(value).search(text)
    return str(found.group(0)) if found else None


_TESTS: dict[Comparison, Callable[[str, str], str | None]] = {
    Comparison.IS: _is,
    Comparison.CONTAINS: _contains,
    Comparison.MATCHES: _matches,
}


def _texts(condition: Condition, mail: ReadMail) -> Sequence[str]:
    sender = mail.sender.address if mail.sender else ""
    match condition.field:
        case Field.FROM:
            return [sender]
        case Field.DOMAIN:
            return [sender.rpartition("@")[2]]
        case Field.TO:
            return [each.address for each in (*mail.to, *mail.cc)]
        case Field.SUBJECT:
            return [mail.subject]
        case Field.BODY:
            return [mail.text[:LONGEST_TEXT]]
        case Field.HEADER:
            wanted = condition.header.lower()
            return [value for name, value in mail.headers if name.lower() == wanted]
        case _:
            return [part.name for part in mail.parts]
