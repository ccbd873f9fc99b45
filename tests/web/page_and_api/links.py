"""What is asked by the link that was mailed to somebody without an account: of quotes, and of bookings."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from uuid import UUID

from stores.bookings.links import booking_token
from stores.quotes.links import quote_token
from stores.signed_tokens import SignedTokens
from tests.e2e.desk import read
from tests.e2e.quotes import sent_quote
from tests.stack.people import People
from tests.web.page_and_api.same import Ids, Same, own_customer

_PLACES = count()


async def _quote(people: People) -> Ids:
    author, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    quote = await sent_quote(author, customer)
    return {name: quote[name] for name in ("id", "sent_at", "valid_until")}


async def _held(people: People) -> Ids:
    agent = await people.log_in("agent@globex.example")
    services = (await read(agent, "services"))["items"]
    service = next(each["id"] for each in services if each["name"] == "Consultation")
    since = datetime.now(UTC) + timedelta(days=9)
    stretch = {"from": since.isoformat(), "to": (since + timedelta(days=7)).isoformat()}
    slots = (await read(agent, "availability", service_id=service, **stretch))["slots"]
    # No two of them are at one time: who keeps the appointment would not be the same.
    place = next(_PLACES)
    booked = {"service_id": service, "start": slots[place]["start"], "customer_id": await own_customer(people)}
    answer = await agent.post("bookings", json=booked)
    assert answer.status_code == 201, answer.text
    booking = answer.json()
    return {"id": booking["id"], "ends_at": booking["ends_at"], "later": slots[-1 - place]["start"]}


def link_of(signed: SignedTokens, tenant_id: UUID, ids: Ids) -> str:
    """The token of the link to a quote or a booking."""
    about = UUID(ids["id"])
    if "ends_at" in ids:
        return booking_token(signed, tenant_id, about, ends_at=datetime.fromisoformat(ids["ends_at"]))
    sent, until = (datetime.fromisoformat(ids[name]) for name in ("sent_at", "valid_until"))
    return quote_token(signed, tenant_id, about, sent_at=sent, valid_until=until)


PAST = "2020-01-06T10:00:00Z"
BOOKING, QUOTE = "/b/{link}", "/q/{link}"
NO = {"reason": "Too dear."}
ROWS = (
    Same(
        *("", _quote, QUOTE, f"{QUOTE}/decline", "POST public/quotes/{link}/decline", NO, NO),
        leads_to=HTTPStatus.GONE,
    ),
    *(
        Same("", _quote, QUOTE, f"{QUOTE}/{deed}", f"POST public/quotes/{{link}}/{deed}", typed, body, code)
        for deed, typed, body, code in (
            ("accept", {"name": "Samia Haddad"}, {"name": "Samia Haddad"}, ""),
            ("accept", {"name": ""}, {}, "missing"),
            ("decline", {"reason": " "}, {"reason": " "}, "string_too_short"),
        )
    ),
    *(
        Same("", _held, page, f"{BOOKING}/{deed}", f"POST public/bookings/{{link}}/{deed}", typed, body, code)
        for page, deed, typed, body, code in (
            (BOOKING, "confirm", {}, {}, ""),
            (BOOKING, "cancel", {"reason": "Ill"}, {"reason": "Ill"}, ""),
            (BOOKING, "cancel", {"reason": ""}, {}, "missing"),
            (f"{BOOKING}/times", "reschedule", {"start": "{later}"}, {"start": "{later}"}, ""),
            (f"{BOOKING}/times", "reschedule", {"start": PAST}, {"start": PAST}, "slot_in_past"),
        )
    ),
)
