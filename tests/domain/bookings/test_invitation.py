"""Invitations, cancellations and feeds, read by libraries that did not write them."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from dateutil import tz
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.bookings import invitation as calendars
from domain.bookings.invitation import Invitation, Method, Person

PARIS = "Europe/Paris"
INVITATION = Invitation(
    uid="booking-0199@casewright.example",
    sequence=0,
    method=Method.REQUEST,
    summary="Haircut",
    description="With Anna.\nPlease come five minutes early.",
    start=datetime(2026, 11, 2, 8, tzinfo=UTC),
    end=datetime(2026, 11, 2, 9, tzinfo=UTC),
    timezone=PARIS,
    organizer=Person("Salon", "salon@example.com"),
    attendee=Person("Zoë", "zoe@example.org"),
    stamp=datetime(2026, 10, 1, 12, 30, tzinfo=UTC),
    location="1 rue de la Paix, Paris",
    reminders_minutes_before=(120, 1440),
)


def read(written: bytes) -> Any:
    return vobject.readOne(written.decode())


def event(of: Invitation) -> Any:
    return read(calendars.write(of)).vevent


def test_a_request_asks_its_attendee_and_reminds() -> None:
    calendar = read(calendars.write(INVITATION))
    assert (calendar.version.value, calendar.method.value) == ("2.0", "REQUEST")
    assert calendars.content_type(Method.REQUEST) == 'text/calendar; charset="utf-8"; method=REQUEST'
    written = calendar.vevent
    assert written.uid.value == INVITATION.uid
    assert written.sequence.value == "0"
    assert written.dtstamp.value == INVITATION.stamp
    assert written.summary.value == "Haircut"
    assert written.description.value == INVITATION.description
    assert written.location.value == INVITATION.location
    assert written.status.value == "CONFIRMED"
    assert (written.dtstart.value, written.dtend.value) == (INVITATION.start, INVITATION.end)
    assert (written.organizer.value, written.organizer.cn_param) == ("mailto:salon@example.com", "Salon")
    attendee = written.attendee
    assert (attendee.value, attendee.cn_param) == ("mailto:zoe@example.org", "Zoë")
    assert (attendee.rsvp_param, attendee.partstat_param, attendee.role_param) == (
        *("TRUE", "NEEDS-ACTION", "REQ-PARTICIPANT"),
    )
    assert [alarm.trigger.value for alarm in written.valarm_list] == [-timedelta(days=1), -timedelta(hours=2)]
    assert {alarm.action.value for alarm in written.valarm_list} == {"DISPLAY"}


def test_one_uid_and_a_rising_sequence_over_a_new_time_and_a_cancellation() -> None:
    moved = replace(
        INVITATION, sequence=1, start=INVITATION.start + timedelta(days=1), end=INVITATION.end + timedelta(days=1)
    )
    cancelled = replace(moved, sequence=2, method=Method.CANCEL)
    story = [event(one) for one in (INVITATION, moved, cancelled)]
    assert {one.uid.value for one in story} == {INVITATION.uid}
    assert [one.sequence.value for one in story] == ["0", "1", "2"]
    assert story[1].dtstart.value == moved.start
    last = story[2]
    assert read(calendars.write(cancelled)).method.value == "CANCEL"
    assert last.status.value == "CANCELLED"
    assert "valarm" not in last.contents
    assert last.organizer.value == "mailto:salon@example.com"
    assert last.attendee.value == "mailto:zoe@example.org"


def test_a_file_and_a_feed_ask_nobody() -> None:
    published = event(replace(INVITATION, method=Method.PUBLISH))
    assert "attendee" not in published.contents
    assert published.organizer.value == "mailto:salon@example.com"
    other = replace(INVITATION, uid="2", timezone="Australia/Lord_Howe", reminders_minutes_before=())
    gone = replace(INVITATION, uid="3", method=Method.CANCEL)
    feed = read(calendars.feed("Anna, at work", [INVITATION, other, gone]))
    assert feed.method.value == "PUBLISH"
    assert feed.contents["x-wr-calname"][0].value == "Anna, at work"
    assert sorted(zone.tzid.value for zone in feed.vtimezone_list) == ["Australia/Lord_Howe", PARIS]
    assert [one.status.value for one in feed.vevent_list] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [one.dtstart.value for one in feed.vevent_list] == [INVITATION.start] * 3
    assert not any("attendee" in one.contents for one in feed.vevent_list)
    assert "vevent" not in read(calendars.feed("Nothing", [])).contents


ZONES = [
    *("Africa/Algiers", PARIS, "America/New_York", "Australia/Sydney", "Australia/Lord_Howe"),
    *("Europe/Dublin", "Africa/Casablanca", "Africa/Cairo", "America/Santiago", "Asia/Kathmandu", "Asia/Gaza"),
]


@pytest.mark.parametrize("zone", ZONES)
def test_the_zone_is_described_as_it_is_every_day_and_around_its_changes(zone: str) -> None:
    start = datetime(2026, 1, 1, 3, tzinfo=UTC)
    last = datetime(2027, 12, 31, 12, tzinfo=UTC)
    written = calendars.feed("F", [replace(INVITATION, timezone=zone, start=at, end=at) for at in (start, last)])
    described = tz.tzical(StringIO(written.decode())).get(zone)
    real = ZoneInfo(zone)
    at, day = start, timedelta(days=1)
    while at < last:
        reads = at.astimezone(real)
        twice = reads.utcoffset() != reads.replace(fold=1 - reads.fold).utcoffset()
        assert twice or described.utcoffset(reads.replace(tzinfo=None)) == reads.utcoffset(), reads
        near_a_change = (at - day).astimezone(real).utcoffset() != (at + 2 * day).astimezone(real).utcoffset()
        at += timedelta(minutes=30) if near_a_change else day


@pytest.mark.parametrize(
    ("zone", "daylight", "standard"),
    [
        (PARIS, "19700329T020000 -1SU 3 +0100 +0200", "19701025T030000 -1SU 10 +0200 +0100"),
        ("America/New_York", "19700308T020000 2SU 3 -0500 -0400", "19701101T020000 1SU 11 -0400 -0500"),
        ("Australia/Sydney", "19701004T020000 1SU 10 +1000 +1100", "19700405T030000 1SU 4 +1100 +1000"),
        ("Australia/Lord_Howe", "19701004T020000 1SU 10 +1030 +1100", "19700405T020000 1SU 4 +1100 +1030"),
        ("Europe/Dublin", "19700329T010000 -1SU 3 +0000 +0100", "19701025T020000 -1SU 10 +0100 +0000"),
    ],
)
def test_zones_that_keep_to_rules_are_described_by_one_for_each_way_as_outlook_reads_them(
    zone: str, daylight: str, standard: str
) -> None:
    written = calendars.write(replace(INVITATION, timezone=zone)).decode().replace("\r\n", "\n")
    for name, rule in (("DAYLIGHT", daylight), ("STANDARD", standard)):
        start, day, month, before, after = rule.split()
        [described] = re.findall(f"BEGIN:{name}\n(.*?)END:{name}\n", written, re.DOTALL)
        assert {line for line in described.split() if not line.startswith("TZNAME:")} == {
            *(f"DTSTART:{start}", f"RRULE:FREQ=YEARLY;BYDAY={day};BYMONTH={month}"),
            *(f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}"),
        }


@pytest.mark.parametrize(
    ("zone", "start", "local", "hours"),
    [
        ("Asia/Almaty", "2025-01-10T06:00", "2025-01-10T11:00", 5),  # since 2024-03-01, and never again
        ("America/Sao_Paulo", "2018-06-10T15:00", "2019-12-10T12:00", -3),  # the summers ended in 2019
        ("America/Sao_Paulo", "2018-06-10T15:00", "2019-01-10T12:00", -2),
    ],
)
def test_a_zone_that_gave_its_rules_up_is_described_as_it_was_and_is(
    zone: str, start: str, local: str, hours: int
) -> None:
    at = datetime.fromisoformat(f"{start}+00:00")
    written = calendars.write(replace(INVITATION, timezone=zone, start=at, end=at + timedelta(hours=1))).decode()
    described = tz.tzical(StringIO(written)).get(zone)
    assert described.utcoffset(datetime.fromisoformat(local)) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("zone", "start", "local"),
    [
        (PARIS, "2026-03-29T00:30", "TZID=Europe/Paris:20260329T013000"),
        (PARIS, "2026-03-29T01:00", "TZID=Europe/Paris:20260329T030000"),
        (PARIS, "2026-10-25T00:30", "20261025T003000Z"),  # 02:30 is read twice
        (PARIS, "2026-10-25T01:30", "20261025T013000Z"),
        (PARIS, "2026-10-25T02:00", "TZID=Europe/Paris:20261025T030000"),
        ("America/New_York", "2026-11-01T06:30", "20261101T063000Z"),
        ("Australia/Lord_Howe", "2026-04-04T14:45", "20260404T144500Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:15", "20260404T151500Z"),
        ("Australia/Sydney", "2026-10-03T16:00", "TZID=Australia/Sydney:20261004T030000"),
        ("Africa/Algiers", "2026-03-29T01:30", "TZID=Africa/Algiers:20260329T023000"),
        ("UTC", "2026-03-29T01:30", "20260329T013000Z"),
    ],
)
def test_times_are_local_and_right_over_a_change_of_clocks(zone: str, start: str, local: str) -> None:
    at = datetime.fromisoformat(f"{start}+00:00")
    one = replace(INVITATION, timezone=zone, start=at, end=at + timedelta(minutes=90))
    written = calendars.write(one).decode()
    assert re.findall("DTSTART[;:](.*)\r\n", written.replace("\r\n ", ""))[-1] == local
    assert (event(one).dtstart.value, event(one).dtend.value) == (one.start, one.end)


def test_lines_end_in_crlf_and_are_folded_at_75_octets_between_characters() -> None:
    written = calendars.write(replace(INVITATION, summary="Coupe 💇 " * 40, description="é" * 500))
    assert written.endswith(b"END:VCALENDAR\r\n")
    lines = written.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)
    assert read(written).vevent.description.value == "é" * 500


def test_text_of_people_adds_no_line_to_the_calendar() -> None:
    evil = 'a"b;c,d:e\\n\r\nATTENDEE:mailto:evil@example.com\rBEGIN:VALARM\n\u2028\x85\x00\x1b\ud800^n💇'
    person = Person(evil, "a@example.com\r\nATTENDEE:mailto:evil@example.com")
    one = replace(
        INVITATION, uid=evil, summary=evil, description=evil, location=evil, organizer=person, attendee=person
    )
    for written in (calendars.write(one), calendars.feed(evil, [one])):
        lines = re.sub(b"\r\n[ \t]", b"", written).split(b"\r\n")
        names = [re.split(b"[;:]", line)[0] for line in lines]
        assert names.count(b"ATTENDEE") <= 1
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", written)
        assert names.count(b"BEGIN") == names.count(b"END") == 7
    read_again = event(one)
    assert read_again.summary.value.startswith('a"b;c,d:e\\n ATTENDEE:mailto:evil@example.com BEGIN:VALARM')
    assert read_again.description.value.split("\n")[1:3] == ["ATTENDEE:mailto:evil@example.com", "BEGIN:VALARM"]
    assert read_again.organizer.cn_param.startswith("a'b;c,d:e")


TEXT = st.text(st.characters(codec=None), max_size=80)


@settings(deadline=None, max_examples=60)
@given(TEXT, TEXT, TEXT, st.sampled_from(Method), st.lists(st.integers(0, 10_080), max_size=3))
def test_any_text_at_all_can_be_read_again(
    summary: str, description: str, name: str, method: Method, reminders: list[int]
) -> None:
    one = replace(
        INVITATION,
        method=method,
        summary=summary,
        description=description,
        attendee=Person(name, "zoe@example.org"),
        reminders_minutes_before=tuple(reminders),
    )
    written = calendars.write(one)
    again = read(written).vevent
    assert again.uid.value == one.uid
    assert (again.dtstart.value, again.dtend.value) == (one.start, one.end)
    plain = "".join(one for one in summary if one.isprintable() and not one.isspace())
    assert plain == "".join(one for one in again.summary.value if one.isprintable() and not one.isspace())
    assert ("attendee" in again.contents) == (method is not Method.PUBLISH)
    assert max(len(line) for line in written.split(b"\r\n")) <= 75
