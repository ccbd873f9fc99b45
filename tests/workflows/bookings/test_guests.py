"""Somebody without an account books, and what calendars are told."""

from typing import Any

import vobject

from tests.workflows.bookings.desk import A_DAY, AN_HOUR, books, service, slot
from tests.workflows.bookings.guests import guest_books, letters, link_in
from tests.workflows.world import World


def calendar_in(mail: Any) -> tuple[str, Any]:
    """The method that the part says, and the event in it."""
    [part] = [each for each in mail.walk() if each.get_content_type() == "text/calendar"]
    calendar = vobject.readOne(
        part.get_content() if isinstance(part.get_content(), str) else part.get_content().decode()
    )
    assert part.get_param("method") == calendar.method.value
    return calendar.method.value, calendar.vevent


async def test_a_guest_confirms_moves_and_cancels_by_the_link(world: World) -> None:
    of = await service(world)
    at = await slot(2 * A_DAY, world)
    answer = await guest_books(world, of, at)
    assert answer.status_code == 201, answer.text
    assert "canary.example" not in answer.text.lower()
    assert "id" not in answer.json()
    number, visitor = answer.json()["number"], await world.visitor()
    [mail] = await letters(world, number, 1)
    link = link_in(mail)
    assert (await visitor.get(link)).json()["status"] == "held"
    assert (await visitor.post(f"{link}/confirm")).json()["status"] == "confirmed"
    confirmed = (await letters(world, number, 2))[1]
    method, event = calendar_in(confirmed)
    assert (method, event.sequence.value, event.dtstart.value) == ("REQUEST", "1", at)
    moved = await visitor.post(f"{link}/reschedule", json={"start": (at + AN_HOUR).isoformat()})
    assert moved.status_code == 200, moved.text
    method, later = calendar_in((await letters(world, number, 3))[2])
    assert (method, later.uid.value, later.sequence.value) == ("REQUEST", event.uid.value, "2")
    assert later.dtstart.value == at + AN_HOUR
    gone = await visitor.post(f"{link}/cancel", json={"reason": "Canary"})
    assert gone.json()["status"] == "cancelled"
    method, last = calendar_in((await letters(world, number, 4))[3])
    assert (method, last.uid.value, last.sequence.value) == ("CANCEL", event.uid.value, "3")
    assert (await visitor.post(f"{link}/confirm")).json()["code"] == "booking_cancelled"
    assert (await visitor.get(f"{link}x")).status_code == 404


async def test_a_typed_address_opens_nothing_of_anybodys(world: World) -> None:
    of = await service(world)
    guest = {"name": "Canary Stranger", "email": "client@acme.example"}
    answer = await guest_books(world, of, await slot(A_DAY, world), guest=guest)
    assert answer.status_code == 201, answer.text
    number = answer.json()["number"]
    mine = (await (await world.person("client")).get("/bookings", params={"q": number})).json()["items"]
    assert mine == []
    [booked] = (await (await world.person("agent")).get("/bookings", params={"q": number})).json()["items"]
    own = (await (await world.person("client")).get("/me")).json()["customer"]["id"]
    assert booked["customer_id"] != own
    again = await guest_books(world, of, await slot(2 * A_DAY, world), guest=guest)
    [second] = (await (await world.person("agent")).get("/bookings", params={"q": again.json()["number"]})).json()[
        "items"
    ]
    assert second["customer_id"] == booked["customer_id"]


async def test_a_calendar_that_is_subscribed_to(world: World) -> None:
    of = await service(world)
    life = await books(world, of, await slot(A_DAY, world))
    await life.done("client", "confirm")
    client, visitor = await world.person("client"), await world.visitor()
    first = (await client.post("/me/calendar")).json()["address"].removeprefix("/api/v1")
    assert life.number in (await visitor.get(first)).text
    second = (await client.post("/me/calendar")).json()["address"].removeprefix("/api/v1")
    assert (await visitor.get(first)).status_code == 404
    [event] = [
        each for each in vobject.readOne((await visitor.get(second)).text).vevent_list if life.id in each.uid.value
    ]
    assert event.status.value == "CONFIRMED"
    await life.done("client", "cancel", reason="Canary")
    [event] = [
        each for each in vobject.readOne((await visitor.get(second)).text).vevent_list if life.id in each.uid.value
    ]
    assert event.status.value == "CANCELLED"
    assert (await client.delete("/me/calendar")).status_code == 204
    assert (await visitor.get(second)).status_code == 404
    file = await client.get(f"{life.url}/ics")
    assert file.headers["content-type"].startswith("text/calendar")
    assert vobject.readOne(file.text).vevent.uid.value == event.uid.value
