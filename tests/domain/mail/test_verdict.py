"""Whether a mail is from whom it says it is: what servers have written, and what is made of it."""

import pytest

from domain.mail.alignment import aligned, organisational_domain
from domain.mail.reading.content import Mailbox
from domain.mail.reading.reader import read
from domain.mail.states import Verdict
from domain.mail.verdict import DkimResult, verdict_of
from tests.domain.mail.reading.letters import ARRIVED, plain

OURS = "mx.acme.example"
ADA = ("From", "Ada <ada@example.com>")
SIGNED = DkimResult(("example.com",))


def judged(
    *results: str,
    sender: str | None = "example.com",
    dkim: DkimResult | None = None,
    headers: tuple[tuple[str, str], ...] = (ADA,),
) -> tuple[Verdict, str]:
    """The verdict, and by what, on a mail with these Authentication-Results on top."""
    written = [("Authentication-Results", result) for result in results]
    verdict, because = verdict_of([*written, *headers], sender, OURS, dkim)
    return verdict, because["by"]


@pytest.mark.parametrize(
    ("found", "verdict", "by"),
    [
        ("dmarc=pass header.from=example.com", "pass", "dmarc"),
        ("dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.com", "pass", "dmarc"),
        ("dmarc=pass", "pass", "dmarc"),
        ("dmarc=pass header.from=elsewhere.example", "none", "nothing"),
        ("dmarc=fail (p=REJECT sp=REJECT dis=REJECT) header.from=example.com", "fail", "dmarc"),
        ("dmarc=fail (p=QUARANTINE sp=NONE dis=QUARANTINE) header.from=example.com", "fail", "dmarc"),
        ("dmarc=fail (p=NONE sp=NONE dis=NONE) header.from=example.com", "none", "dmarc"),
        ("dmarc=fail header.from=example.com policy.dmarc=none", "none", "dmarc"),
        ("dmarc=fail header.from=example.com policy.dmarc=reject", "fail", "dmarc"),
        ("dmarc=fail action=none header.from=example.com", "none", "dmarc"),
        ("dmarc=fail action=oreject header.from=example.com;compauth=fail reason=000", "fail", "dmarc"),
        ("dmarc=fail header.from=example.com", "fail", "dmarc"),
        ("dmarc=fail (p=NONE) header.from=example.com; dkim=pass header.d=example.com", "none", "dmarc"),
        ("dmarc=pass header.from=example.com; dmarc=fail header.from=example.com", "fail", "dmarc"),
        ("dmarc=bestguesspass action=none header.from=example.com; spf=pass smtp.mailfrom=example.com", "pass", "spf"),
        ("dmarc=none; dkim=pass header.d=example.com", "pass", "dkim"),
        ("dmarc=temperror header.from=example.com; dkim=pass header.d=example.com", "pass", "dkim"),
        ("dkim=pass header.d=mail.example.com", "pass", "dkim"),
        ("dkim=pass header.i=@mail.example.com header.s=s1 header.b=abc", "pass", "dkim"),
        ('dkim=pass (2048-bit key; secure) header.d=example.com header.b="a;b"', "pass", "dkim"),
        ("dkim=pass header.d=elsewhere.example; dkim=pass header.d=example.com", "pass", "dkim"),
        ("dkim=pass header.d=elsewhere.example", "none", "nothing"),
        ("dkim=fail header.d=example.com", "none", "nothing"),
        ("dkim=neutral header.d=example.com; spf=softfail smtp.mailfrom=example.com", "none", "nothing"),
        ("spf=pass smtp.mailfrom=bounce@example.com", "pass", "spf"),
        ("spf=pass smtp.mailfrom=bounces.example.com", "pass", "spf"),
        (
            "spf=pass (mx.acme.example: domain of x@example.com designates 192.0.2.1) smtp.mailfrom=x@example.com",
            "pass",
            "spf",
        ),
        ("spf=pass smtp.mailfrom=bounce@list.example", "none", "nothing"),
        ("spf=pass smtp.helo=mail.example.com", "pass", "spf"),
        ("spf=fail smtp.mailfrom=example.com", "none", "nothing"),
        ("none", "none", "nothing"),
        ("dkim=pass header.d=example.com.evil.example", "none", "nothing"),
        ("dkim=pass header.d=evilexample.com", "none", "nothing"),
        ("dkim=pass header.d=com", "none", "nothing"),
        ("iprev=pass policy.iprev=192.0.2.1; auth=pass smtp.auth=ada", "none", "nothing"),
        ('spf=pass smtp.mailfrom="x; dmarc=pass header.from=example.com"@evil.example', "none", "nothing"),
        ("spf=pass (sent by x; dmarc=pass header.from=example.com) smtp.mailfrom=evil.example", "none", "nothing"),
        ("spf=pass (never closed; dmarc=pass header.from=example.com", "none", "nothing"),
        ("nonsense; dkim=pass header.d=example.com", "pass", "dkim"),
        ("dkim pass", "none", "nothing"),
        ("dkim=", "none", "nothing"),
    ],
)
def test_what_our_server_found_makes_a_verdict(found: str, verdict: str, by: str) -> None:
    assert judged(f"{OURS}; {found}") == (verdict, by)
    assert judged(f"{OURS} 1 (by us);\r\n\t{found}") == (verdict, by)


def test_only_the_topmost_of_our_own_server_counts() -> None:
    good, bad = "dkim=pass header.d=example.com", "dmarc=fail (p=REJECT) header.from=example.com"
    assert judged(f"mx.evil.example; {good}") == (Verdict.NONE, "nothing")
    assert judged(f"mx.evil.example; {good}", f"{OURS}; {bad}") == (Verdict.FAIL, "dmarc")
    assert judged(f"{OURS}; {bad}", f"{OURS}; {good}") == (Verdict.FAIL, "dmarc")
    assert judged(f"{OURS.upper()}; {good}") == (Verdict.PASS, "dkim")
    assert judged(f"{OURS}.evil.example; {good}") == (Verdict.NONE, "nothing")
    assert judged(good) == (Verdict.NONE, "nothing")


def test_microsoft_365_does_not_name_itself() -> None:
    found = (
        "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dkim=pass (signature was verified)"
        " header.d=example.com;dmarc=pass action=none header.from=example.com;compauth=pass reason=100"
    )
    headers = [("Authentication-Results", found), ADA]
    assert verdict_of(headers, "example.com", "protection.outlook.com", None)[0] is Verdict.PASS
    assert verdict_of(headers, "example.com", OURS, None)[0] is Verdict.NONE


def test_nobodys_word_is_taken_where_no_server_is_trusted() -> None:
    headers = [("Authentication-Results", f"{OURS}; dmarc=pass header.from=example.com"), ADA]
    assert verdict_of(headers, "example.com", None, None)[0] is Verdict.NONE


@pytest.mark.parametrize(
    ("found", "dkim", "verdict", "by"),
    [
        (None, SIGNED, "pass", "own_dkim"),
        (None, DkimResult(("mail.example.com",)), "pass", "own_dkim"),
        (None, DkimResult(("elsewhere.example",)), "none", "nothing"),
        (None, DkimResult(because="dns_away"), "none", "nothing"),
        ("spf=none", SIGNED, "pass", "own_dkim"),
        ("dmarc=fail (p=REJECT) header.from=example.com", SIGNED, "fail", "dmarc"),
        ("dmarc=fail (p=NONE) header.from=example.com", SIGNED, "none", "dmarc"),
    ],
)
def test_our_own_check_counts_where_the_server_says_nothing(
    found: str | None, dkim: DkimResult, verdict: str, by: str
) -> None:
    assert judged(*([f"{OURS}; {found}"] if found else []), dkim=dkim) == (verdict, by)


def test_below_its_domain_the_owner_may_want_something_else() -> None:
    below = f"{OURS}; dmarc=fail (p=REJECT sp=NONE dis=NONE) header.from=news.example.com"
    assert judged(below, sender="news.example.com")[0] is Verdict.NONE
    assert judged(below, sender="example.com")[0] is Verdict.FAIL


@pytest.mark.parametrize(
    "headers",
    [
        (ADA, ("From", "Eve <eve@evil.example>")),
        (("From", "Ada <ada@example.com>, Eve <eve@evil.example>"),),
        (),
    ],
)
def test_who_names_no_sender_or_two_is_never_proven(headers: tuple[tuple[str, str], ...]) -> None:
    assert judged(f"{OURS}; dmarc=pass header.from=example.com", headers=headers, dkim=SIGNED) == (
        Verdict.NONE,
        "nothing",
    )
    assert judged(f"{OURS}; dmarc=pass header.from=example.com", sender=None)[0] is Verdict.NONE


def test_an_address_that_looks_encoded_puts_no_words_into_the_servers_mouth() -> None:
    found = f"{OURS}; spf=pass smtp.mailfrom==?utf-8?q?a=3B_dmarc=3Dpass_header.from=3Dexample.com=3B_x?=@evil.example"
    raw = f"Authentication-Results: {found}\r\n".encode() + plain("Hello")
    mail = read(raw, arrived_at=ARRIVED)
    assert verdict_of(mail.headers, "example.com", OURS, None)[0] is Verdict.NONE


@pytest.mark.parametrize(
    "value", ["(" * 9_000, '"' * 9_001, "dkim=pass " + "header.i=@a " * 800, ";" * 9_000, "=" * 9_000, "x" * 200_000]
)
def test_what_is_made_to_keep_us_busy_proves_nothing(value: str) -> None:
    assert judged(f"{OURS}; {value}") == (Verdict.NONE, "nothing")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("example.com", "EXAMPLE.com.", True),
        ("a.example.com", "b.example.com", True),
        ("example.co.uk", "other.co.uk", False),
        ("a.example.co.uk", "example.co.uk", True),
        ("co.uk", "co.uk", False),
        ("ada.github.io", "eve.github.io", False),
        ("bücher.example", "xn--bcher-kva.example", True),
        ("localhost", "localhost", False),
        ("", "", False),
        ("a..b", "a..b", False),
        ("x" * 300 + ".com", "x" * 300 + ".com", False),
    ],
)
def test_domains_of_one_organisation_are_aligned(one: str, other: str, same: bool) -> None:
    assert aligned(one, other) is same


def test_the_organisation_is_what_was_registered() -> None:
    assert organisational_domain("Mail.Example.co.uk") == "example.co.uk"


@pytest.mark.parametrize(
    "hidden",
    [
        b"From: ceo@example.com\r\nno field\r\nno field\r\n",
        b"From : ceo@example.com\r\nno field\r\nno field\r\n",
        b"X-A: a\rFrom: ceo@example.com\r\nno field\r\nno field\r\n",
        b"From: ceo@example.com\r\nX-Much: " + b"m" * 300_000 + b"\r\n",
        b"no field\r\nfrom: ceo@example.com\r\nno field\r\n",
    ],
)
def test_a_header_that_is_broken_hides_no_sender(hidden: bytes) -> None:
    """Whoever repeats a mail that is signed, with lines of their own on top, is not proven to be who these say."""
    mail = read(hidden + plain("Hello"), arrived_at=ARRIVED)
    found = ("Authentication-Results", f"{OURS}; dmarc=pass header.from=example.com")
    verdict, _ = verdict_of([found, *mail.headers], "example.com", OURS, SIGNED)
    assert verdict is Verdict.NONE or mail.sender == Mailbox("ada@example.com", "Ada Byron")


def test_lines_below_from_that_are_no_field_are_no_part_of_it() -> None:
    raw = plain("Hello").replace(b"To: support", b"no field <ceo@example.com>\r\nTo: support")
    assert read(raw, arrived_at=ARRIVED).sender == Mailbox("ada@example.com", "Ada Byron")
