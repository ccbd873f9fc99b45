"""A guest's booking in a browser without scripts, by the link of a real mail on the real stack."""

import re
from uuid import uuid4

import httpx2

from tests.e2e.desk import read
from tests.e2e.team import ROUND_THE_CLOCK, manager_serves
from tests.stack.people import People
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually
from tests.web.people.browser import Browser


async def test_a_guest_confirms_moves_and_cancels_on_the_page_of_the_link(
    stack: RunningStack, people: People, agent: httpx2.AsyncClient
) -> None:
    admin = await people.log_in("admin@globex.example")
    name, email = f"Fitting {uuid4().hex[:8]}", f"guest{uuid4().hex[:8]}@guest.example"
    body = {"name": name, "duration_minutes": 30, "base_price": 100, "windows": ROUND_THE_CLOCK, "timezone": "UTC"}
    body |= {"booking_types": ["standard"], "observes_holidays": False, "capacity": 5}
    made = await admin.post("services", json=body)
    assert made.status_code == 201, made.text
    service_id = made.json()["id"]
    await manager_serves(admin, service_id)
    slots = (await read(people.nobody, "public/globex/availability", service_id=service_id))["slots"]
    booked = {"service_id": service_id, "start": slots[10]["start"], "guest": {"name": "Gina", "email": email}}
    assert (await people.nobody.post("public/globex/bookings", json=booked)).status_code == 201

    async def link() -> str | None:
        found = [
            re.search(r"(/b/\S+)", mail["text"]) for mail in await read(people.nobody, "demo/mailbox", recipient=email)
        ]
        return found[0][1] if found and found[0] else None

    here = await eventually(link, f"a mail to {email} with a link", every=0.1)
    guest = Browser(httpx2.AsyncClient(base_url=stack.address, timeout=30))
    scanner = Browser(httpx2.AsyncClient(base_url=stack.address, timeout=30))
    await scanner.open(here)
    assert name in (await guest.open(here)).says
    assert "Waits for you to confirm it" in guest.page.says
    assert "Confirmed" in (await guest.send(f"{here}/confirm")).says
    await guest.open(f"{here}/times")
    later = guest.page.tree.xpath("//button[@name='start']/@value")[-1]
    assert (await guest.send(f"{here}/reschedule", start=later)).address == here
    [booking] = (await read(agent, "bookings", service_id=service_id))["items"]
    assert booking["starts_at"] == later
    assert (await guest.http.get(f"{here}/ics")).headers["content-type"].startswith("text/calendar")
    assert (await guest.send(f"{here}/cancel")).faults() == {"reason"}
    assert "Cancelled" in (await guest.send(f"{here}/cancel", reason="Ill")).says
    await guest.open(f"{here}x")
    assert guest.page.status == 404
