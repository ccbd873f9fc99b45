"""What mails say, in every language."""

import lxml.html
import pytest

from activities.mail.templates import TEMPLATES, MailTemplates
from domain.company import Company
from domain.tasks.rules import TaskKind

ACME = Company("Acme", "1, rue Didouche", "+213 21 00 00 00", "desk@acme.example", colour="#ffd166")
FACTS = {"number": "Q-1", "name": "Ada", "link": "http://here", "due_at": "2026-11-20T12:00:00+00:00"}


@pytest.mark.parametrize(
    ("locale", "written"),
    [("fr-DZ", "vendredi 20 novembre 2026 à 13:00 +0100"), ("en", "Friday 20 November 2026, 13:00 +0100")],
)
def test_a_time_is_written_as_briefly_as_its_language_can(locale: str, written: str) -> None:
    facts = {**FACTS, "tenant": "Acme", "starts_at": "2026-11-20T12:00:00+00:00"}
    told = MailTemplates().render("booking_confirmed", locale, "Africa/Algiers", facts, sender=ACME)
    assert told.subject.endswith(written)
    assert told.body.count(written) == 1


def subject(template: str, **facts: str) -> str:
    return MailTemplates().render(template, "fr-DZ", "Africa/Algiers", {**FACTS, **facts}, sender=ACME).subject


@pytest.mark.parametrize("template", ["task_reminder", "task_escalated"])
@pytest.mark.parametrize("kind", TaskKind)
def test_french_mail_names_every_task_in_french(template: str, kind: TaskKind) -> None:
    assert kind.words not in subject(template, task=kind, title=kind.words)


@pytest.mark.parametrize("facts", [{"task": "newest"}, {}])
def test_a_task_without_french_words_is_named_all_the_same(facts: dict[str, str]) -> None:
    assert subject("task_reminder", title="The newest", **facts) == "[Q-1] Échéance proche : The newest"


@pytest.mark.parametrize(
    ("locale", "expires_at", "written"),
    [
        ("fr-DZ", "2026-12-31T23:00:00+00:00", "jeudi 31 décembre 2026, minuit"),
        ("en", "2026-12-31T23:00:00+00:00", "Thursday 31 December 2026, midnight"),
        ("en", "2026-12-31T22:59:00+00:00", "Thursday 31 December 2026, 23:59 +0100"),
    ],
)
def test_a_day_ends_at_midnight(locale: str, expires_at: str, written: str) -> None:
    facts = {**FACTS, "tenant": "Acme", "proven": True, "expires_at": expires_at}
    assert written in MailTemplates().render("invitation", locale, "Africa/Algiers", facts, sender=ACME).body


def test_a_day_begins_at_midnight() -> None:
    facts = {**FACTS, "tenant": "Acme", "starts_at": "2026-12-31T23:00:00+00:00"}
    told = MailTemplates().render("booking_confirmed", "en", "Africa/Algiers", facts, sender=ACME)
    assert "Friday 1 January 2027, 00:00 +0100" in told.body


def test_the_page_says_what_the_text_says_on_the_companys_letterhead() -> None:
    facts = {
        "number": "TCK-1",
        "subject": "<b>Help</b>",
        "name": "Ada & Co",
        "tenant": "Acme",
        "link": "https://here/t?a=1&b=2",
    }
    mail = MailTemplates().render("ticket_answered", "fr", "UTC", facts, sender=ACME)
    page = lxml.html.fromstring(mail.html)
    said = [line for paragraph in page.iter("p") for line in paragraph.itertext()]
    assert [*said[:2], *said[3:]] == [line for line in mail.body.split("\n") if line]
    assert said[2] == "Ouvrir la page"
    assert [link.get("href") for link in page.iter("a")] == ["https://here/t?a=1&b=2"]
    assert page.get("lang") == "fr"
    assert page.findtext(".//title") == "[TCK-1] Nous avons répondu : <b>Help</b>"
    head, *_, foot = page.xpath("//td[not(descendant::td)]")
    assert head.text_content() == "Acme"
    assert foot.text_content() == "1, rue Didouche · +213 21 00 00 00 · desk@acme.example"
    assert "background:#ffd166;color:#1f2933" in head.get("style")


def test_words_on_a_dark_head_are_white() -> None:
    mail = MailTemplates().render(
        "password_changed", "en", "UTC", {**FACTS, "proven": False}, sender=Company("Acme", colour="#102030")
    )
    assert "background:#102030;color:#ffffff" in mail.html


def test_every_mail_is_there_in_both_languages() -> None:
    english, french = ({each.name for each in (TEMPLATES / of).glob("*.txt")} for of in ("en", "fr"))
    assert english == french
