"""What mails say, in every language."""

import pytest

from activities.mail.templates import MailTemplates
from domain.tasks.rules import TaskKind

FACTS = {"number": "Q-1", "name": "Ada", "link": "http://here", "due_at": "2026-11-20T12:00:00+00:00"}


@pytest.mark.parametrize(
    ("locale", "written"),
    [("fr-DZ", "vendredi 20 novembre 2026 à 13:00 +0100"), ("en", "Friday 20 November 2026, 13:00 +0100")],
)
def test_a_time_is_written_as_briefly_as_its_language_can(locale: str, written: str) -> None:
    facts = {**FACTS, "tenant": "Acme", "starts_at": "2026-11-20T12:00:00+00:00"}
    told = MailTemplates().render("booking_confirmed", locale, "Africa/Algiers", facts)
    assert told.subject.endswith(written)
    assert told.body.count(written) == 1


def subject(template: str, **facts: str) -> str:
    return MailTemplates().render(template, "fr-DZ", "Africa/Algiers", {**FACTS, **facts}).subject


@pytest.mark.parametrize("template", ["task_reminder", "task_escalated"])
@pytest.mark.parametrize("kind", TaskKind)
def test_french_mail_names_every_task_in_french(template: str, kind: TaskKind) -> None:
    assert kind.words not in subject(template, task=kind, title=kind.words)


@pytest.mark.parametrize("facts", [{"task": "newest"}, {}])
def test_a_task_without_french_words_is_named_all_the_same(facts: dict[str, str]) -> None:
    assert subject("task_reminder", title="The newest", **facts) == "[Q-1] Échéance proche : The newest"
