"""Three bookings: one is kept, one is a guest's, who has only the mailed link; and a series of them."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.papers.language import language_of
from ops.demo.services import CLASS
from ops.demo.stage import CaseOnStage, Stage
from ops.demo.wares import on_offer

_A_MINUTE, _AN_HOUR, _A_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_FIRST_AHEAD, _LOOK_AHEAD = timedelta(hours=30), timedelta(days=14)
_LINK = re.compile(r"/b/([\w.-]+)")
_TENANT, _TIMES = "acme", 4


async def kept(stage: Stage) -> None:
    """Booked by a customer, confirmed, reminded of, kept and followed up."""
    stage.title("A consultation is booked, confirmed, reminded of, and kept")
    service, (slot, *_) = await _free(stage, "Consultation")
    given = {"service_id": service["id"], "start": slot["start"], "type": "consultation", "promo_code": "WELCOME10"}
    row = await stage.api.post(stage.people["client"], "/bookings", **given)
    booking = _on_stage(row)
    stage.enter(booking, f"{_when(row)} for {_amount(row)}, held until {row['held_until_at'][11:16]}")
    await stage.tell(booking, stage.people["client"].name)
    await stage.act("client", booking, "/confirm", mails=1)
    starts, ends = datetime.fromisoformat(row["starts_at"]), datetime.fromisoformat(row["ends_at"])
    arrival = await stage.pass_time(booking, starts - _AN_HOUR - datetime.now(UTC), "until an hour before", mails=2)
    if arrival:
        await stage.pass_time(booking, ends + _A_DAY + _A_MINUTE - arrival.at, "it is kept; a day later", mails=1)


async def by_a_guest(stage: Stage) -> None:
    """Booked without an account; all else is done by the link in the mail."""
    stage.title("A guest books, and confirms, moves and cancels by the link in the mail")
    service, (slot, later, *_) = await _free(stage, "Consultation")
    address = f"guest-{secrets.token_hex(4)}@guest.example"
    given = {"service_id": service["id"], "start": slot["start"], "guest": {"name": "Gina Guest", "email": address}}
    answer = await stage.api.post(None, f"/public/{_TENANT}/bookings", **given)
    [row] = (await stage.api.get(stage.people["agent"], "/bookings", q=answer["number"]))["items"]
    booking = _on_stage(row)
    stage.enter(booking, _when(row))
    await stage.tell(booking, "a guest", mails=1)
    link = await stage.found_in_mail(address, _LINK)
    if link is None:
        return
    for command, fields in (
        ("confirm", {}),
        ("reschedule", {"start": later["start"]}),
        ("cancel", {"reason": "Found a chair elsewhere."}),
    ):
        await stage.api.post(None, f"/public/bookings/{link}/{command}", **fields)
        await stage.tell(booking, "a guest", mails=1)


async def recurring(stage: Stage) -> None:
    """Four times at once; what follows the second is called off."""
    stage.title("A class is booked for four weeks, and called off after two")
    service, (slot, *_) = await _free(stage, CLASS)
    given = {"service_id": service["id"], "start": slot["start"], "rule": f"FREQ=WEEKLY;COUNT={_TIMES}"}
    row = await stage.api.post(stage.people["client"], "/booking-series", **given)
    series = CaseOnStage(id=f"booking_series/{row['id']}", number=row["number"], path=f"/booking-series/{row['id']}")
    stage.enter(series, f"Every week from {row['starts_at'][:10]} on, four times")
    await stage.tell(series, stage.people["client"].name, mails=1)
    await _tell_bookings(stage, row["id"])
    await stage.act("client", series, "/cancel", mails=1, reason="On holiday then.", from_position=3)
    await stage.listed("/bookings", lambda left: len(left) <= 2, series_id=row["id"], status="confirmed")
    await _tell_bookings(stage, row["id"])


async def _tell_bookings(stage: Stage, series_id: str) -> None:
    skipped = (await stage.api.get(stage.people["agent"], f"/booking-series/{series_id}/skipped"))["items"]
    booked = await stage.listed(
        "/bookings", lambda opened: len(opened) + len(skipped) == _TIMES, series_id=series_id, sort="starts_at"
    )
    told = [f"{each['starts_at'][:10]} is {each['status']}" for each in booked]
    told += [f"{each['starts_at'][:10]} is left out ({each['code']})" for each in skipped]
    stage.remark("bookings", ", ".join(sorted(told)))


async def _free(stage: Stage, name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The service of that name, and its next free times."""
    client, service = stage.people["client"], await on_offer(stage, name)
    since = datetime.now(UTC) + _FIRST_AHEAD
    query = {"service_id": service["id"], "from": since.isoformat(), "to": (since + _LOOK_AHEAD).isoformat()}
    return service, (await stage.api.get(client, "/availability", **query))["slots"]


def _on_stage(row: dict[str, Any]) -> CaseOnStage:
    return CaseOnStage(id=f"booking/{row['id']}", number=row["number"], path=f"/bookings/{row['id']}")


def _when(row: dict[str, Any]) -> str:
    return f"{datetime.fromisoformat(row['starts_at']):%a %d %b %H:%M} UTC"


def _amount(row: dict[str, Any]) -> str:
    return language_of("en").money(row["total"], row["currency"])
