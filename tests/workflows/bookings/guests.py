"""Steps of the tests: somebody without an account books, and reads the mails."""

import re
import uuid
from typing import Any

from tests.stack.mails import text_of
from tests.workflows.bookings.desk import Json
from tests.workflows.world import World, eventually


async def guest_books(world: World, of: Json, at: Any, **given: Any) -> Any:
    """A guest of a new address asks for a booking at acme."""
    guest = {"name": "Canary Guest", "email": f"guest-{uuid.uuid4().hex[:8]}@canary.example"}
    body = {"service_id": of["id"], "start": at.isoformat(), "guest": guest, **given}
    return await (await world.visitor()).post("/public/acme/bookings", json=body)


async def letters(world: World, number: str, count: int) -> list[Any]:
    """The mails about a booking, once there are as many."""

    async def look() -> list[Any]:
        return world.postbox.letters(number)

    return await eventually(look, lambda mails: len(mails) >= count)


def link_in(mail: Any) -> str:
    """The path at which the API takes the token of the link in a mail."""
    found = re.search(r"http\S+/b/(\S+)", text_of(mail))
    assert found, text_of(mail)
    return f"/public/bookings/{found.group(1)}"
