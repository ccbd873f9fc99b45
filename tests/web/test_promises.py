"""A promise is explained on the page by what the API says of it, in the visitor's language and zone."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from api.tickets.schemas import ClockView
from domain.calendar import BusinessCalendar
from domain.tickets.rules import TicketPriority, TicketStatus
from domain.tickets.sla.report import report
from tests.domain.tickets.sla_story import OFFICE, PARIS, Story, on
from web.http.languages import LANGUAGES
from web.http.visits import Visit
from web.tickets.promises import promised, why

S = TicketStatus
ROUND = BusinessCalendar("Europe/Paris", always_open=True)
SHUT = OFFICE.observing({datetime(2026, 11, 20, tzinfo=UTC).date(): "Company day"})


def looking(at: datetime, language: str) -> Visit:
    return cast(Visit, SimpleNamespace(language=language, now=at, zone=ZoneInfo(str(PARIS))))


def lives() -> list[tuple[Story, datetime]]:
    """Clocks in every state, before and after their ends, over weekends and holidays."""
    told = []
    for calendar in (OFFICE, SHUT, ROUND):
        for priority in (TicketPriority.LOW, TicketPriority.HIGH):
            for now in (on(19, "15:40"), on(20, "11:00"), on(23, "09:00"), on(28, "09:00")):
                for steps in ("", "answered", "paused", "resumed", "resolved"):
                    story = Story(19, "15:30", priority, calendar)
                    if steps == "answered":
                        story.agent(19, "15:35")
                    if steps in ("paused", "resumed"):
                        story.becomes(S.ON_HOLD, 19, "15:36")
                    if steps == "resumed":
                        story.becomes(S.IN_PROGRESS, 19, "15:38")
                    if steps == "resolved":
                        story.becomes(S.RESOLVED, 19, "15:39")
                    story.until(now)
                    told.append((story, now))
    return told


def as_on_the_page(sentence: str) -> str:
    """The API's sentence with minutes as pages write them, and weekdays in the singular."""
    short = re.sub(r"(\d+) minutes?\b", r"\1 min", sentence)
    return re.sub(r"(Satur|Sun)days", r"\1day", short)


def test_it_says_what_the_api_says() -> None:
    for story, now in lives():
        for line in report(story.clocks, story.policy, story.calendar, now):
            shown = promised(looking(now, "en"), ClockView.model_validate(line))
            said = as_on_the_page(line.sentence)
            reason = re.search(r"\(([a-z_ ]+)\)|, (answered|resolved|replied) ", said)
            if reason is None:
                assert shown.replace(", and ", " and ") == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_and_times_are_the_apis(language: str) -> None:
    for story, now in lives():
        for line in report(story.clocks, story.policy, story.calendar, now):
            shown = promised(looking(now, language), ClockView.model_validate(line))
            times = re.findall(r"\d\d:\d\d", line.sentence)
            assert re.findall(r"\d\d:\d\d", shown) == times, (shown, line.sentence)
            assert str(line.consumed_minutes) in shown or line.consumed_minutes not in map(
                int, re.findall(r"\b\d+\b", line.sentence)
            )


def test_why_it_ran_is_a_word_of_the_language() -> None:
    visit = looking(on(19, "15:30"), "en")
    assert why(visit, "resumed: in_progress") == "taken up again: in progress"
    assert why(visit, "waiting_for_response") == "waiting for the customer"
