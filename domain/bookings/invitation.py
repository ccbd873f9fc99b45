"""Appointments as calendars take them: invitations by mail, files to open, and feeds (RFC 5545, RFC 5546).

What Outlook, Google and Apple ask for beyond what the RFCs do: the method in the calendar is also said in the content
type; an organizer is there; a zone that is named is also described. Who gets a REQUEST is asked to answer; a CANCEL
rings no alarm; what is only published (PUBLISH) has no attendees, because nobody is asked anything.

A UID stays the same for the life of a booking, and SEQUENCE rises with each change and with the cancellation. Text of
people is escaped by the library, and has lost its control characters before that.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress, vDuration, vText

from domain.bookings import vtimezone

PRODUCER = "-//Casewright//Bookings//EN"
REFRESH = timedelta(hours=1)
"""How often a feed asks to be fetched again."""


class Method(StrEnum):
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    mail: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """One appointment, and what is done with it: `start` and `end` are instants, shown in `timezone` (IANA name).

    `sequence` begins with 0. `stamp` is when the booking came to be as it is told here. Reminders are in minutes before
    the start.
    """

    uid: str
    sequence: int
    method: Method
    summary: str
    description: str
    start: datetime
    end: datetime
    timezone: str
    organizer: Person
    attendee: Person
    stamp: datetime
    location: str | None = None
    reminders_minutes_before: tuple[int, ...] = ()


def content_type(method: Method) -> str:
    """Of the mail's part or of the answer that carries the calendar. Outlook refuses one whose method is another."""
    return f'text/calendar; charset="utf-8"; method={method}'


def write(invitation: Invitation) -> bytes:
    """A calendar with one appointment: for a mail (REQUEST, CANCEL) or as a file to open (PUBLISH)."""
    return bytes(_calendar(invitation.method, [invitation]).to_ical())


def feed(name: str, events: Iterable[Invitation]) -> bytes:
    """A calendar to subscribe to. An appointment whose method is CANCEL is in it as cancelled."""
    calendar = _calendar(Method.PUBLISH, list(events))
    for key in ("NAME", "X-WR-CALNAME"):
        calendar.add(key, vText(_line(name)))  # else the library would not escape it
    calendar.add("REFRESH-INTERVAL", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH))
    return bytes(calendar.to_ical())


def _calendar(method: Method, invitations: list[Invitation]) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCER)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method.value)
    zones: dict[str, list[datetime]] = {}
    for invitation in invitations:
        if invitation.timezone != "UTC":
            zones.setdefault(invitation.timezone, []).extend((invitation.start, invitation.end))
    for zone, times in sorted(zones.items()):
        calendar.add_component(vtimezone.write(zone, min(times), max(times)))
    for invitation in invitations:
        calendar.add_component(_event(invitation, asks=method is not Method.PUBLISH))
    return calendar


def _event(invitation: Invitation, asks: bool) -> Event:
    cancelled = invitation.method is Method.CANCEL
    start, end = _times(invitation)
    event = Event()
    event.add("UID", _line(invitation.uid))
    event.add("SEQUENCE", invitation.sequence)
    event.add("DTSTAMP", invitation.stamp.astimezone(UTC))
    event.add("LAST-MODIFIED", invitation.stamp.astimezone(UTC))
    event.add("DTSTART", start)
    event.add("DTEND", end)
    event.add("SUMMARY", _line(invitation.summary))
    if invitation.description:
        event.add("DESCRIPTION", _text(invitation.description))
    if invitation.location:
        event.add("LOCATION", _line(invitation.location))
    event.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if cancelled else "OPAQUE")
    event.add("ORGANIZER", _address(invitation.organizer))
    if asks:
        attendee = _address(invitation.attendee)
        attendee.params.update(CUTYPE="INDIVIDUAL", ROLE="REQ-PARTICIPANT", PARTSTAT="NEEDS-ACTION")
        attendee.params["RSVP"] = "FALSE" if cancelled else "TRUE"
        event.add("ATTENDEE", attendee)
    for minutes in () if cancelled else sorted(set(invitation.reminders_minutes_before), reverse=True):
        alarm = Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("DESCRIPTION", _line(invitation.summary))
        alarm.add("TRIGGER", -timedelta(minutes=minutes))
        event.add_component(alarm)
    return event


def _times(invitation: Invitation) -> tuple[datetime, datetime]:
    """Local times of the zone, or UTC when one of them is read twice that day: RFC 5545 can name the first of the two
    only, and not every calendar takes it for the first."""
    zone = ZoneInfo(invitation.timezone)
    start, end = (at.astimezone(zone) for at in (invitation.start, invitation.end))
    twice = any(at.utcoffset() != at.replace(fold=1 - at.fold).utcoffset() for at in (start, end))
    return (start.astimezone(UTC), end.astimezone(UTC)) if twice else (start, end)


def _address(person: Person) -> vCalAddress:
    address = vCalAddress("mailto:" + "".join(_line(person.mail).split()))
    # A quotation mark cannot be written in a parameter in a way that all calendars read.
    address.params["CN"] = _line(person.name).replace('"', "'")
    return address


def _line(text: str) -> str:
    return " ".join(_text(text).split())


def _text(text: str) -> str:
    """The text with plain line breaks, without other control characters and halves of characters."""
    broken = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in broken if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs"))
