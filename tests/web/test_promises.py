"""A promise is explained on the page by what the API says of it, in the visitor's language and zone."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from api.tickets.schemas import ClockView
from domain.calendar import BusinessCalendar
from domain.tickets.rules import TicketPriority, TicketStatus
from domain.tickets.sla.report import report
from tests.domain.tickets.sla_story import OFFICE, PARIS, Story, on
from web.cases.strips import strip_of
from web.http.languages import LANGUAGES
from web.http.visits import Visit
from web.tickets.promises import promised, why

S = TicketStatus
KINDS_OF_PIECES = ("ran", "stood", "to-come")
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


def test_the_strip_is_drawn_of_the_minutes_that_are_told() -> None:
    drawn = set()
    for story, now in lives():
        for line in report(story.clocks, story.policy, story.calendar, now):
            clock = ClockView.model_validate(line)
            strip = strip_of(clock, line.sentence, [segment.why for segment in clock.segments], now)
            if strip is None:
                continue
            assert strip.line
            pieces = strip.line.pieces
            assert (pieces[0].at, pieces[-1].end) == (0, pytest.approx(100, abs=0.2))
            assert all(one.end == pytest.approx(other.at, abs=0.05) for one, other in pairwise(pieces))
            open_minutes = sum((each.to - each.from_ for each in clock.open_hours), timedelta()) / timedelta(minutes=1)
            if clock.due_at is None:
                open_minutes += max(0, strip.left_minutes)
            of_kind = {kind: sum(piece.width for piece in pieces if piece.kind == kind) for kind in KINDS_OF_PIECES}
            a_minute = sum(of_kind.values()) / open_minutes
            assert of_kind["ran"] == pytest.approx(clock.consumed_minutes * a_minute, abs=1.2 * a_minute + 0.2)
            if strip.running:
                assert of_kind["to-come"] == pytest.approx(
                    max(0, strip.left_minutes) * a_minute, abs=1.2 * a_minute + 0.2
                )
                past = [piece.end for piece in pieces if piece.kind in ("ran", "stood")]
                assert strip.line.now == pytest.approx(max(past, default=0), abs=0.05)
            drawn |= {piece.kind for piece in pieces}
            assert sum(entry.counted_minutes for entry in strip.ledger) == clock.consumed_minutes
            assert all(one.to == other.from_ for one, other in pairwise(strip.ledger))
    assert drawn == {*KINDS_OF_PIECES, "shut"}
