"""What is asked of customers, of their identity checks and language, and of what they can buy."""

from tests.e2e import kyc_desk
from tests.e2e.desk import read
from tests.e2e.kyc_desk import PDF
from tests.stack.people import People
from tests.web.page_and_api.same import Ids, Same, a_word, made, nothing
from web.customers.routes import FACTS

NEWCOMER = "client2@globex.example"
"""Speaks for one new customer after the other, whose identity is unknown."""


async def _review(people: People) -> str:
    return str((await kyc_desk.submitted(await people.log_in("admin@globex.example")))["id"])


async def _claimed(people: People) -> str:
    review = await _review(people)
    reviewer = await people.log_in("reviewer@globex.example")
    assert (await reviewer.post(f"reviews/{review}/claim")).status_code == 200
    return review


async def _customer(people: People) -> str:
    return str((await kyc_desk.new_customer(await people.log_in("admin@globex.example")))["id"])


async def _checked(people: People) -> str:
    return str((await kyc_desk.submitted(await people.log_in("admin@globex.example")))["case"]["id"])


async def _approved(people: People) -> str:
    review = await kyc_desk.submitted(await people.log_in("admin@globex.example"))
    reviewer = await people.log_in("reviewer@globex.example")
    approved = await reviewer.post(f"reviews/{review['id']}/decision", json={"decision": "approve"})
    assert approved.status_code == 200, approved.text
    return str(review["case"]["id"])


async def _active(people: People) -> str:
    customer = await _approved(people)
    manager = await people.log_in("manager@globex.example")
    assert (await manager.post(f"customers/{customer}/activate")).status_code == 200
    return customer


async def speaks_for(people: People, customer_id: str) -> str:
    """Has the newcomer speak for the customer; returns for whom it was before."""
    newcomer, admin = await people.log_in(NEWCOMER), await people.log_in("admin@globex.example")
    me = await read(newcomer, "me")
    changed = await admin.patch(f"users/{me['user']['id']}", json={"customer_id": customer_id})
    assert changed.status_code == 200, changed.text
    return str(me["customer"]["id"])


async def _unknown(people: People) -> str:
    customer = await _customer(people)
    await speaks_for(people, customer)
    return customer


async def _with_papers(people: People) -> Ids:
    customer, papers = await _unknown(people), {}
    for paper in ("passport", "proof_of_address"):
        papers[paper] = (await kyc_desk.hand_in(await people.log_in(NEWCOMER), customer, paper))["id"]
    return {"id": customer, **papers}


TASK, CUSTOMER, KYC = "/inbox/{id}", "/customers/{id}", "customers/{id}/kyc"
UNPAID = {"reason": "Nothing was paid."}
AGAIN = {"decision": "request_changes", "reason": "Once more, please."}
SETTLED = {"decision": "reject", "reason": "Too far."}
PASSPORT = {"type": "passport", "number": "X-1", "expires_on": "2040-01-01", "country": "FR"}
SCAN = ("passport.pdf", PDF, "application/pdf")
PERSON = {"type": "individual", "name": "Samia Haddad", "country": "FR"}
SOLD = {"sku": "{id}", "name": "A chair", "kind": "goods"}
IN_CENTS = {"unit_price": 1250, "visible": True}
CHANGED = SOLD | IN_CENTS | {"summary": None, "description": None, "tax_rate_bp": 1900}
PRODUCTS = "/products/new"
ROWS = (
    Same("reviewer", _review, TASK, f"{TASK}/claim", "POST reviews/{id}/claim"),
    Same("reviewer", _claimed, TASK, f"{TASK}/release", "POST reviews/{id}/release"),
    Same("reviewer", _review, TASK, f"{TASK}/decision", "POST reviews/{id}/decision", AGAIN, AGAIN),
    Same(
        *("reviewer", _review, TASK, f"{TASK}/decision", "POST reviews/{id}/decision"),
        *(SETTLED | {"reason": ""}, {"decision": "reject"}, "reason_required"),
    ),
    *(
        Same("manager", nothing, "/customers/new", "/customers/new", "POST customers", typed, body, code)
        for typed, body, code in (
            (PERSON, PERSON, ""),
            (PERSON | {"name": ""}, {"type": "individual", "country": "FR"}, "value_error"),
        )
    ),
    *(
        Same("manager", make, CUSTOMER, f"{CUSTOMER}/{deed}", f"POST customers/{{id}}/{deed}", typed, body, code)
        for make, deed, typed, body, code in (
            (_approved, "activate", {}, {}, ""),
            (_customer, "activate", {}, {}, "kyc_incomplete"),
            (_active, "suspend", UNPAID, UNPAID, ""),
            (_active, "suspend", {"reason": ""}, {}, "missing"),
        )
    ),
    Same("admin", _customer, CUSTOMER, f"{CUSTOMER}/end", "DELETE customers/{id}"),
    Same(
        *("admin", _customer, f"{CUSTOMER}/edit", f"{CUSTOMER}/edit", "PATCH customers/{id}"),
        *({"name": "Another", "country": "FR"}, dict.fromkeys(FACTS) | {"name": "Another", "country": "FR"}),
    ),
    Same(
        *("reviewer", _checked, f"{CUSTOMER}/kyc", f"{CUSTOMER}/kyc/risk", "POST customers/{id}/kyc/risk"),
        *({"risk": "high", "reason": "New"}, {"risk": "high", "reason": "New"}),
    ),
    Same(
        *(NEWCOMER, _unknown, "/kyc/identity", "/kyc/identity", f"POST {KYC}/documents", PASSPORT, PASSPORT),
        files=[SCAN],
    ),
    Same(
        *(NEWCOMER, _unknown, "/kyc/identity", "/kyc/identity", f"POST {KYC}/documents", PASSPORT, PASSPORT),
        "value_error",
    ),
    Same(NEWCOMER, nothing, "/kyc", "/language", "PATCH me", {"language": "en"}, {"locale": "en"}),
    Same(NEWCOMER, _with_papers, "/kyc/check", "/kyc/check", f"POST {KYC}/submit"),
    Same(NEWCOMER, _unknown, "/kyc/check", "/kyc/check", f"POST {KYC}/submit", code="missing"),
    Same(
        *(NEWCOMER, _with_papers, "/kyc/check", "/kyc/documents/{passport}/remove"),
        f"DELETE {KYC}/documents/{{passport}}",
    ),
    *(
        Same("admin", a_word, PRODUCTS, PRODUCTS, "POST products", SOLD | typed, SOLD | body, code)
        for typed, body, code in (
            ({"unit_price": "12.50"}, IN_CENTS, ""),
            ({"unit_price": "12.50", "name": ""}, IN_CENTS | {"name": ""}, "string_too_short"),
        )
    ),
    *(
        Same(
            *("admin", made("products", sku="{word}", name="A stool", unit_price=100), "/products/{id}"),
            *("/products/{id}", "PATCH products/{id}", typed, body, code),
        )
        for typed, body, code in (
            (SOLD | {"unit_price": "12.50"}, CHANGED, ""),
            (SOLD | {"unit_price": "-1"}, CHANGED | {"unit_price": -1}, "greater_than_equal"),
        )
    ),
)
