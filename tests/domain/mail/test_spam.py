"""The points of a mail, and what each is for."""

from typing import Any

import pytest

from domain.mail.listing import Listed, entries_for, listed
from domain.mail.reading.content import Link
from domain.mail.spam import Part, Reason, score
from domain.mail.states import Verdict
from tests.domain.mail.mails import mail

OWN = {"acme.example"}


def points(read: dict[str, Any], verdict: Verdict = Verdict.NONE, **known: Any) -> dict[Reason, int]:
    found = score(mail(**read), verdict, own_domains=OWN, **known)
    assert found.points == min(100, max(0, sum(part.points for part in found.parts)))
    return {part.reason: part.points for part in found.parts}


@pytest.mark.parametrize(
    ("read", "found"),
    [
        ({}, {}),
        ({"headers": (("X-Spam-Flag", "YES"),)}, {Reason.OWN_SERVER: 40}),
        ({"headers": (("X-Spam-Status", "Yes, score=9.1"),)}, {Reason.OWN_SERVER: 40}),
        ({"headers": (("X-Spam-Status", "No, score=-1"),)}, {}),
        ({"headers": (("X-MS-Exchange-Organization-SCL", "6"),)}, {Reason.OWN_SERVER: 40}),
        ({"subject": "You have won"}, {Reason.WORDS: 20}),
        ({"text": "Vous avez GAGNÉ à la loterie, argent facile"}, {Reason.WORDS: 40}),
        ({"is_form": True}, {Reason.FORM: 15}),
    ],
)
def test_each_part(read: dict[str, Any], found: dict[Reason, int]) -> None:
    assert points(read) == found


@pytest.mark.parametrize(
    ("link", "suspect"),
    [
        (Link("https://bank.example/login", "https://evil.example/login"), True),
        (Link("www.bank.example", "https://evil.example"), True),
        (Link("bank.com", "https://evil.example"), True),
        (Link("https://bank.example", "https://www.bank.example/x"), False),
        (Link("bank.example", "https://login.bank.example"), False),
        (Link("report.pdf", "https://files.example/report.pdf"), False),
        (Link("Node.js", "https://nodejs.example"), False),
        (Link("Click here", "https://elsewhere.example"), False),
        (Link("Click here", "http://192.0.2.1/x"), True),
        (Link("Click here", "http://[2001:db8::1]/x"), True),
        (Link("Click here", "http://3221225985/x"), True),
        (Link("Click here", "https://аcme.example/x"), True),
        (Link("Click here", "https://xn--cme-5cd.example/x"), True),
        (Link("Click here", "https://acme.example/x"), False),
        (Link("Click here", "https://shop.blocked.example/x"), True),
        (Link("Click here", "mailto:ada@people.example"), False),
        (Link("Click here", "http://[broken"), False),
        (Link("", ""), False),
    ],
)
def test_links_that_lead_elsewhere(link: Link, suspect: bool) -> None:
    found = points({"links": (link,)}, blocked_domains=["blocked.example"])
    assert found == ({Reason.PHISHING: 25} if suspect else {})


def test_authentication_and_known_senders_count() -> None:
    assert points({}, Verdict.FAIL) == {Reason.AUTHENTICATION: 30}
    assert points({}, Verdict.PASS, known_sender=True) == {Reason.KNOWN_SENDER: -20}


def test_what_staff_have_listed_goes_before_all() -> None:
    bad = mail(subject="viagra casino", headers=(("X-Spam-Flag", "YES"),), is_form=True)
    assert score(bad, Verdict.FAIL, listed=Listed.ALLOWED).points == 0
    assert score(mail(), Verdict.PASS, listed=Listed.BLOCKED, known_sender=True).points == 100
    assert score(bad, Verdict.FAIL).parts[0] == Part(Reason.AUTHENTICATION, 30)
    assert score(bad, Verdict.FAIL).points == 100


def test_an_address_goes_before_its_domain() -> None:
    address = "ada@people.example"
    assert entries_for(address) == (address, "@people.example")
    both = {address: Listed.ALLOWED, "@people.example": Listed.BLOCKED}
    assert listed(address, both) is Listed.ALLOWED
    assert listed("eve@people.example", both) is Listed.BLOCKED
    assert listed("ada@others.example", both) is None
