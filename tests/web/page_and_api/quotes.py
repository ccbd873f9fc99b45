"""What is asked of quotes, and of requests for them."""

from tests.e2e import quotes
from tests.e2e.quotes import LINES
from tests.stack.people import People
from tests.web.page_and_api.same import Ids, Same, nothing, own_customer, task_of


async def _quote(people: People) -> str:
    author, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    return str((await quotes.write_quote(author, customer))["id"])


async def _approved(people: People) -> str:
    quote = {"id": await _quote(people)}
    await quotes.do(await people.log_in("agent@globex.example"), quote, "submit")
    return quote["id"]


async def _sent(people: People) -> str:
    quote = {"id": await _approved(people)}
    await quotes.do(await people.log_in("agent@globex.example"), quote, "send")
    return quote["id"]


async def _accepted(people: People) -> str:
    quote = {"id": await _sent(people)}
    await quotes.do(await people.log_in("client@globex.example"), quote, "accept", name="Samia Haddad")
    return quote["id"]


async def _request(people: People) -> str:
    client = await people.log_in("client@globex.example")
    return str((await client.post("quote-requests", json={"description": "Two relays"})).json()["id"])


async def _asked_for(people: People) -> Ids:
    return await task_of(people, "agent", await _request(people))


async def _above_limits(people: People) -> Ids:
    author, customer = await people.log_in("agent@globex.example"), await people.log_in("client@globex.example")
    lines = [{"name": "An oven", "quantity": "2", "unit_price": 900_000_000}]
    quote = await quotes.write_quote(author, customer, lines=lines)
    await quotes.do(author, quote, "submit")
    return await task_of(people, "manager", quote["id"])


QUOTE, REQUEST = "/quotes/{id}", "/quote-requests/{id}"
SETTLED = {"decision": "reject", "reason": "Too far."}
LINE = {"lines.0.name": "A chair", "lines.0.quantity": "2.5", "lines.0.unit_price": "100"}
NOTES, NOUGHT = {"notes": "By hand"}, {"lines.0.quantity": "0"}
FOR_WHOM = {"customer_id": "{id}", "currency": "EUR"}
OFFER = {"notes": "By hand", "lines": LINES}
NONE_OF_IT = {"lines": [LINES[0] | {"quantity": "0"}]}
ROWS = (
    *(
        Same(
            *("agent", own_customer, "/quotes/new?customer_id={id}", "/quotes/new", "POST quotes"),
            *(LINE | typed, FOR_WHOM | offer, code),
        )
        for typed, offer, code in ((NOTES, OFFER, ""), (NOUGHT, NONE_OF_IT, "greater_than"))
    ),
    *(
        Same(
            *("agent", _quote, f"{QUOTE}/edit", f"{QUOTE}/edit", "PUT quotes/{id}"),
            *(LINE | typed, offer, code),
            version=int(typed.get("version", "1")),
        )
        for typed, offer, code in (
            (NOTES, OFFER, ""),
            (NOUGHT, NONE_OF_IT, "greater_than"),
            (NOTES | {"version": "7"}, OFFER, "version_mismatch"),
        )
    ),
    *(
        Same(who, make, QUOTE, f"{QUOTE}/{deed}", f"POST quotes/{{id}}/{deed}", typed, {} if code else typed, code)
        for who, make, deed, typed, code in (
            ("agent", _quote, "submit", {}, ""),
            ("agent", _approved, "send", {}, ""),
            ("agent", _sent, "new-version", {}, ""),
            ("client", _sent, "accept", {"name": "Samia Haddad"}, ""),
            ("client", _sent, "accept", {"name": ""}, "missing"),
            ("client", _sent, "decline", {"reason": "Too dear."}, ""),
            ("agent", _sent, "resend", {}, ""),
            ("agent", _sent, "withdraw", {"reason": "Wrong prices."}, ""),
            ("agent", _sent, "withdraw", {"reason": ""}, "missing"),
        )
    ),
    Same("agent", _accepted, QUOTE, f"{QUOTE}/convert", "POST quotes/{id}/convert", last="converted"),
    Same("agent", _quote, QUOTE, f"{QUOTE}/delete", "DELETE quotes/{id}"),
    *(
        Same("manager", _above_limits, QUOTE, f"{QUOTE}/approval/{{task}}", "POST reviews/{task}/decision", said, said)
        for said in ({"decision": "approve"}, {"decision": "reject", "reason": "Too much."})
    ),
    Same(
        *("client", nothing, "/quote-requests/new", "/quote-requests/new", "POST quote-requests"),
        *({"description": "Two relays"}, {"description": "Two relays"}),
    ),
    *(
        Same("agent", _asked_for, REQUEST, f"{REQUEST}/settle/{{task}}", "POST reviews/{task}/decision", *said)
        for said in (
            (SETTLED, SETTLED, ""),
            (SETTLED | {"reason": ""}, {"decision": "reject"}, "reason_required"),
        )
    ),
    Same("client", _request, REQUEST, f"{REQUEST}/withdraw", "POST quote-requests/{id}/withdraw"),
)
