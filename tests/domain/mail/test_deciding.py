"""What becomes of a mail: which reason goes before which."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.mail.automatic import Automatic
from domain.mail.deciding import Outcome, Seen, Why, Wish, may_acknowledge, outcome
from domain.mail.joining import Join, Link, Own, Who
from domain.mail.letter import inner_of, letter_of
from domain.mail.listing import Listed
from domain.mail.naming import Named, NamedBy
from domain.mail.reading.content import Forwarded, Mailbox
from domain.mail.rules import Choices
from domain.mail.settings import MailSettings
from domain.mail.settling import MAY, Deed, require_open
from domain.mail.states import HeldFor, MailState, Verdict
from domain.mail.words import one_line, person_name, storable, ticket_subject, ticket_words, without_tag
from domain.refusal import Refusal
from tests.domain.mail.mails import mail

SECRET, NUMBER = Named(uuid4(), NamedBy.SENT), Named(uuid4(), NamedBy.NUMBER)
ACCEPTED, NOT_SPAM = Wish(accepted=True), Wish(not_spam=True)
REQUESTER: dict[str, Any] = {"who": Who.REQUESTER, "named": SECRET}
LISTS, REOPENS = MailSettings(lists_open_tickets=True), MailSettings(reopen_on_reply=True)


@pytest.mark.parametrize(
    ("seen", "state", "way"),
    [
        ({}, MailState.OPENED, Own()),
        (REQUESTER, MailState.JOINED, Join()),
        ({**REQUESTER, "closed": True}, MailState.OPENED, Own(Link.LINKED)),
        ({**REQUESTER, "closed": True, "settings": REOPENS}, MailState.JOINED, Join(reopens=True)),
        ({**REQUESTER, "closed": True, "settings": REOPENS, "refused": True}, MailState.OPENED, Own(Link.LINKED)),
        ({"named": SECRET}, MailState.OPENED, Own(Link.SUGGESTED)),
        ({"ours": True, "verdict": Verdict.FAIL, "score": 100}, MailState.IGNORED, None),
        ({"choices": Choices(ignore=True), "score": 100}, MailState.IGNORED, None),
        ({"choices": Choices(spam=True)}, MailState.SPAM, None),
        ({"score": 60}, MailState.SPAM, None),
        ({"score": 59}, MailState.OPENED, Own()),
        ({"score": 60, "settings": MailSettings(spam_from=61)}, MailState.OPENED, Own()),
        ({"score": 100, "wish": NOT_SPAM}, MailState.OPENED, Own()),
        ({"score": 100, "wish": NOT_SPAM, "verdict": Verdict.FAIL}, MailState.HELD, None),
        ({"sender_known": False}, MailState.HELD, None),
        ({"automatic": Automatic.AUTO_SUBMITTED}, MailState.AUTOMATIC, None),
        ({"automatic": Automatic.LIST_ID}, MailState.AUTOMATIC, None),
        ({"automatic": Automatic.LIST_ID, "settings": LISTS}, MailState.OPENED, Own()),
        ({"automatic": Automatic.NO_REPLY, "settings": LISTS}, MailState.AUTOMATIC, None),
        ({**REQUESTER, "automatic": Automatic.AUTO_SUBMITTED}, MailState.AUTOMATIC, Join()),
        ({"named": SECRET, "automatic": Automatic.AUTO_SUBMITTED}, MailState.AUTOMATIC, None),
        ({"named": NUMBER, "who": Who.REQUESTER, "automatic": Automatic.AUTOREPLY}, MailState.AUTOMATIC, None),
        ({"named": SECRET, "automatic": Automatic.AUTOREPLY, "verdict": Verdict.FAIL}, MailState.HELD, None),
        ({"automatic": Automatic.AUTOREPLY, "verdict": Verdict.FAIL}, MailState.AUTOMATIC, None),
        ({"verdict": Verdict.FAIL}, MailState.HELD, None),
        ({"suspended": True}, MailState.HELD, None),
        ({"floods": True}, MailState.HELD, None),
        ({**REQUESTER, "floods": True, "automatic": Automatic.AUTOREPLY}, MailState.HELD, None),
        ({"verdict": Verdict.FAIL, "wish": ACCEPTED}, MailState.OPENED, Own()),
        ({**REQUESTER, "verdict": Verdict.FAIL, "wish": ACCEPTED}, MailState.JOINED, Join()),
        ({"suspended": True, "floods": True, "wish": ACCEPTED}, MailState.OPENED, Own()),
        ({"named": SECRET, "wish": ACCEPTED}, MailState.OPENED, Own(Link.SUGGESTED)),
        ({"named": NUMBER, "wish": Wish(accepted=True, into_ticket=True)}, MailState.JOINED, Join()),
        ({"who": Who.STAFF, "verdict": Verdict.PASS}, MailState.HELD, None),
        ({"who": Who.STAFF, "wish": ACCEPTED}, MailState.OPENED, Own()),
    ],
)
def test_what_becomes_of_it(seen: dict[str, Any], state: MailState, way: Any) -> None:
    settled = outcome(Seen(**seen))
    assert (settled.state, settled.way) == (state, way)
    assert (settled.held_for is not None) == (state is MailState.HELD)


@pytest.mark.parametrize(
    ("seen", "held_for", "why"),
    [
        ({"sender_known": False}, HeldFor.UNAUTHENTICATED, Why.NO_SENDER),
        ({"verdict": Verdict.FAIL, "suspended": True, "floods": True}, HeldFor.UNAUTHENTICATED, None),
        ({"who": Who.STAFF, "named": SECRET, "verdict": Verdict.PASS}, HeldFor.STAFF_UNPROVEN, None),
        ({"suspended": True, "floods": True}, HeldFor.SUSPENDED, None),
        ({"floods": True}, HeldFor.FLOOD, None),
    ],
)
def test_why_it_waits(seen: dict[str, Any], held_for: HeldFor, why: str | None) -> None:
    settled = outcome(Seen(**seen))
    assert (settled.held_for, settled.why) == (held_for, why)


def test_an_answer_of_staff_that_its_ticket_refuses_waits_for_a_person() -> None:
    own = Named(uuid4(), NamedBy.REPLY_ADDRESS, uuid4())
    staff = Seen(who=Who.STAFF, named=own, verdict=Verdict.PASS, closed=True)
    assert outcome(staff).way == Join(as_staff=True, reopens=True)
    again = Seen(who=Who.STAFF, named=own, verdict=Verdict.PASS, closed=True, refused=True)
    assert outcome(again).held_for is HeldFor.STAFF_UNPROVEN


@pytest.mark.parametrize(
    ("seen", "undeliverable", "left", "may"),
    [
        ({}, False, True, True),
        ({"verdict": Verdict.PASS}, False, True, True),
        ({"score": 29}, False, True, True),
        ({"score": 30}, False, True, False),
        ({}, True, True, False),
        ({}, False, False, False),
        ({"choices": Choices(no_answer=True)}, False, True, False),
        ({"automatic": Automatic.LIST_ID}, False, True, False),
        ({"verdict": Verdict.FAIL}, False, True, False),
    ],
)
def test_who_is_acknowledged(seen: dict[str, Any], undeliverable: bool, left: bool, may: bool) -> None:
    opened = Outcome(MailState.OPENED, Own())
    assert may_acknowledge(Seen(**seen), opened, undeliverable=undeliverable, answers_left=left) is may


def test_what_joins_is_not_acknowledged() -> None:
    assert not may_acknowledge(Seen(), Outcome(MailState.JOINED, Join()), undeliverable=False, answers_left=True)


def test_whose_words_it_holds() -> None:
    plain = mail(reply_to=(Mailbox("eve@people.example"),))
    assert letter_of(plain, Verdict.PASS, None).sender == Mailbox("ada@people.example", "Ada")
    form = letter_of(plain, Verdict.PASS, Listed.FORM)
    assert (form.sender, form.verdict) == (Mailbox("eve@people.example"), Verdict.NONE)
    assert letter_of(plain, Verdict.FAIL, Listed.FORM).verdict is Verdict.FAIL
    nobody = mail(sender=None, return_path="ada@people.example")
    assert letter_of(nobody, Verdict.NONE, None).sender == Mailbox("ada@people.example")
    assert letter_of(mail(sender=None), Verdict.NONE, None).sender is None


def test_what_staff_forward_is_the_inner_senders_when_they_are_proven() -> None:
    inner = Forwarded(Mailbox("carl@people.example"), "Broken", "It is.")
    read = mail(forwarded=inner)
    found = inner_of(read, letter_of(read, Verdict.PASS, None))
    assert found
    assert (found.sender, found.subject, found.text, found.forwarded) == (
        inner.sender,
        "Broken",
        "It is.",
        True,
    )
    assert inner_of(read, letter_of(read, Verdict.NONE, None)) is None
    assert inner_of(mail(), letter_of(mail(), Verdict.PASS, None)) is None


def test_what_may_be_decided_by_state() -> None:
    for deed in Deed:
        for state in MailState:
            if state in MAY[deed]:
                require_open(deed, state)
                continue
            with pytest.raises(Refusal) as refusal:
                require_open(deed, state)
            assert refusal.value.code == "mail_settled"
    assert not any(MailState.OPENED in MAY[deed] for deed in Deed if deed is not Deed.DELETE)


def test_words_as_they_are_kept() -> None:
    assert storable("a\x00b\ud800c") == "abc"
    assert one_line("a\r\nb\u202ec\t d", 10) == "a b c d"
    assert ticket_subject("Re: [TCK-20261120-00042] Help\n\x00", "?") == "Re: Help"
    assert ticket_subject(" [TCK-20261120-00042]", "(no subject)") == "(no subject)"
    assert len(ticket_subject("x" * 500, "?")) == 200
    assert person_name("", "ada@people.example") == "ada"
    assert person_name("\x00", "@") == "?"
    assert ticket_words(" a ", "fr", too_large=False) == "a"
    assert ticket_words("", "fr-FR", too_large=True).startswith("(Ce message")
    assert without_tag("support+x+y@acme.example") == "support@acme.example"


def test_a_company_is_known_by_its_domain() -> None:
    company = UUID(int=7)
    settings = MailSettings(company_domains=(f"people.example={company}",))
    assert settings.company_of("ada@people.example") == company
    assert settings.company_of("ada@sub.people.example") is None
