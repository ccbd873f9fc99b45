"""What a tenant's rules choose, and the built-in words."""

from typing import Any

import pytest

from domain.mail.reading.content import Mailbox, Part
from domain.mail.rules import LONGEST_PATTERN, Choices, Comparison, Condition, Field, Rule, RuleFault, choose
from domain.mail.urgency import raised, urgent_words
from domain.tickets.rules import TicketPriority
from tests.domain.mail.mails import mail

READ = mail(
    sender=Mailbox("Ada@People.example".lower()),
    subject="Invoice 4711 is wrong",
    text="See the attachment.",
    cc=(Mailbox("bob@people.example"),),
    headers=(("X-Priority", "1 (Highest)"),),
    parts=(Part(1, "Invoice.PDF", "application/pdf", 10),),
)


def rule(name: str, choices: dict[str, Any], *conditions: tuple[str, str, str]) -> Rule:
    read = tuple(Condition(Field(field), Comparison(test), value) for field, test, value in conditions)
    return Rule(name, name, read, Choices.of(choices))


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (("from", "is", "ADA@people.example"), "ada@people.example"),
        (("from", "contains", "people"), "people"),
        (("domain", "is", "people.example"), "people.example"),
        (("domain", "is", "example"), None),
        (("to", "is", "support@acme.example"), "support@acme.example"),
        (("to", "is", "bob@people.example"), "bob@people.example"),
        (("subject", "matches", r"invoice \d+"), "Invoice 4711"),
        (("subject", "matches", r"^invoice$"), None),
        (("body", "contains", "ATTACHMENT"), "ATTACHMENT"),
        (("attachment", "matches", r"\.pdf$"), ".PDF"),
        (("score", "is", "40"), "40"),
        (("score", "is", "41"), None),
    ],
)
def test_conditions(condition: tuple[str, str, str], words: str | None) -> None:
    found = choose([rule("r", {"tag": "t"}, condition)], READ, 40)
    assert [each["words"] for each in found.because] == ([[words]] if words else [])


def test_a_header_is_named() -> None:
    condition = Condition(Field.HEADER, Comparison.CONTAINS, "highest", "x-priority")
    found = choose([Rule("r", "r", (condition,), Choices(tag="t"))], READ, 0)
    assert found.choices.tag == "t"


def test_all_conditions_must_hold_and_the_first_rule_that_chooses_something_counts() -> None:
    rules = [
        rule("never", {"priority": "urgent"}, ("subject", "contains", "invoice"), ("subject", "contains", "thanks")),
        rule("first", {"priority": "high", "no_answer": True}, ("subject", "contains", "invoice")),
        rule("second", {"priority": "low", "tag": "money"}),
    ]
    found = choose(rules, READ, 0)
    assert found.choices == Choices(priority=TicketPriority.HIGH, no_answer=True, tag="money")
    assert [(each["rule"], each["chose"]) for each in found.because] == [
        ("first", ["no_answer", "priority"]),
        ("second", ["tag"]),
    ]


@pytest.mark.parametrize(
    ("field", "test", "value", "code"),
    [
        ("subject", "matches", "(", "pattern_invalid"),
        ("subject", "matches", r"(?=x)", "pattern_invalid"),
        ("subject", "matches", r"(a)\1", "pattern_invalid"),
        ("subject", "matches", "a" * (LONGEST_PATTERN + 1), "pattern_too_long"),
        ("subject", "matches", "((a{1000}){1000})", "pattern_invalid"),
        ("score", "is", "many", "score_invalid"),
        ("score", "contains", "4", "score_invalid"),
        ("header", "is", "x", "header_missing"),
    ],
)
def test_what_cannot_be_is_refused(field: str, test: str, value: str, code: str) -> None:
    with pytest.raises(RuleFault) as fault:
        Condition(Field(field), Comparison(test), value)
    assert fault.value.code == code


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(.*)*x", r"(a|a)*b", r"(\w+\s?)*!"])
def test_a_pattern_that_hangs_others_takes_no_time_here(pattern: str) -> None:
    choose([rule("r", {"tag": "t"}, ("body", "matches", pattern))], mail(text="a" * 90_000), 0)


@pytest.mark.parametrize(
    ("subject", "text", "words"),
    [
        ("URGENT: server", "", ("urgent",)),
        ("Urgence", "Tout est en panne, dès que possible", ("urgence", "en panne", "des que possible")),
        ("Not urgent", "It is not very urgent.", ()),
        ("Question", "Rien d’urgent, pas urgent du tout", ()),
        ("Insurgents", "", ()),
        ("asap", "asap", ("asap",)),
    ],
)
def test_urgent_words(subject: str, text: str, words: tuple[str, ...]) -> None:
    assert urgent_words(mail(subject=subject, text=text)) == words


def test_words_raise_by_one_at_most() -> None:
    assert raised(TicketPriority.MEDIUM, ("urgent", "asap")) is TicketPriority.HIGH
    assert raised(TicketPriority.URGENT, ("urgent",)) is TicketPriority.URGENT
    assert raised(TicketPriority.MEDIUM, ()) is TicketPriority.MEDIUM
