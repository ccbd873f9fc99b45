"""Customers in a browser, for staff: the list, a new one, one with its story, and its identity check."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from api.customers.routes import get_customer, list_customers
from api.http.paging import Paging
from api.http.problems import not_found
from api.http.routing import Router
from domain.customers.states import CustomerStatus, KycStatus
from domain.kyc.rules import Risk
from domain.people.permissions import Permission
from web.cases import words as case_words
from web.cases.places import page_of
from web.customers import words
from web.customers.choosing import customers_to_choose
from web.customers.pages import customer_page, kyc_page
from web.http.arriving import arrive
from web.http.forms import Form
from web.http.notices import Notice
from web.http.reading import read, require
from web.http.rendering import draw
from web.http.submitting import fields, submit, to
from web.http.visits import SignedInVisit, Visit
from web.kyc import words as kyc_words

router = Router(prefix="/customers")

_TEXT = r"^[^\x00]*$"
FACTS = ("name", "company_name", "tax_id", "email", "phone", "address", "country")
COMMANDS = {
    "activate": ("POST", "/activate", fields()),
    "suspend": ("POST", "/suspend", fields("reason")),
    "end": ("DELETE", "", lambda _: None),
}
"""What one can ask of a customer beside its facts: the API's method and path, and the body that a form makes."""


@router.get("")
async def customers(
    visit: SignedInVisit,
    status: CustomerStatus | None = None,
    kyc_status: KycStatus | None = None,
    q: Annotated[str | None, Query(max_length=200, pattern=_TEXT)] = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """The tenant's customers, newest first."""
    await require(visit, Permission.CUSTOMERS_READ_ALL)
    found = await read(
        visit,
        list_customers,
        paging=Paging(50, cursor, None, count=False),
        status=[status] if status else None,
        kyc_status=[kyc_status] if kyc_status else None,
        q=q or None,
    )
    asked = [pair for pair in visit.request.query_params.multi_items() if pair[0] != "cursor"]
    following = f"/customers?{urlencode([*asked, ('cursor', found.next_cursor)])}" if found.next_cursor else None
    shown = {"status": status, "kyc_status": kyc_status, "q": q or ""}
    given: dict[str, Any] = {"customers": found.items, "shown": shown, "following": following}
    return draw(visit, "customers/list.html", words=words, kyc=kyc_words, **given)


@router.get("/choose")
async def choose(
    visit: SignedInVisit,
    q: Annotated[str, Query(max_length=200, pattern=_TEXT)] = "",
    customer: Annotated[str, Query(max_length=200, pattern=_TEXT)] = "",
) -> Response:
    """The customers of that name, to choose one from; the field of a form calls it `customer`."""
    await require(visit, Permission.CUSTOMERS_READ_ALL)
    return draw(visit, "customers/choose.html", customers=await customers_to_choose(visit, q or customer), chosen="")


@router.get("/new")
async def new_customer(visit: SignedInVisit) -> Response:
    """The form of a new customer."""
    form, notice = await arrive(visit, "/customers/new")
    return await _new(visit, form, notice)


@router.post("/new")
async def make_customer(visit: SignedInVisit) -> Response:
    """Makes a customer, and leads to it."""
    return await submit(
        visit,
        partial(_new, visit),
        "POST",
        "/customers",
        fields("type", *FACTS),
        lambda ending: f"/customers/{ending.body['id']}",
    )


@router.get("/{customer_id}")
async def customer(
    visit: SignedInVisit, customer_id: UUID, cursor: Annotated[str | None, Query(max_length=500)] = None
) -> Response:
    """One customer."""
    form, notice = await arrive(visit, f"/customers/{customer_id}/edit")
    return await _customer(visit, customer_id, form, notice, cursor=cursor)


@router.get("/{customer_id}/edit")
async def facts(visit: SignedInVisit, customer_id: UUID) -> Response:
    """The form of a customer's facts."""
    form, notice = await arrive(visit, f"/customers/{customer_id}/edit")
    return await _edit(visit, customer_id, form, notice)


@router.post("/{customer_id}/edit")
async def change_facts(visit: SignedInVisit, customer_id: UUID) -> Response:
    """Changes a customer's facts, and leads back to it."""
    here = f"/customers/{customer_id}"
    return await submit(visit, partial(_edit, visit, customer_id), "PATCH", here, _facts, to(here))


@router.get("/{customer_id}/kyc")
async def identity(visit: SignedInVisit, customer_id: UUID) -> Response:
    """A customer's identity check."""
    form, notice = await arrive(visit, f"/customers/{customer_id}/kyc/risk")
    return await _identity(visit, customer_id, form, notice)


@router.post("/{customer_id}/kyc/risk")
async def set_risk(visit: SignedInVisit, customer_id: UUID) -> Response:
    """Sets the risk by hand, or leaves it to the rules again."""
    here = f"/customers/{customer_id}/kyc"
    return await submit(visit, partial(_identity, visit, customer_id), "POST", f"{here}/risk", _risk, to(here))


@router.post("/{customer_id}/{command}")
async def command(visit: SignedInVisit, customer_id: UUID, command: str) -> Response:
    """Asks something of a customer: to be active, suspended or ended."""
    if command not in COMMANDS:
        raise not_found("page")
    method, path, body = COMMANDS[command]
    here, again = f"/customers/{customer_id}", partial(_customer, visit, customer_id)
    return await submit(visit, again, method, f"{here}{path}", body, to(here))


def _facts(form: Form) -> dict[str, str | None]:
    # What is empty was taken away.
    return {name: form.values[name] or None for name in FACTS if name in form.values}


def _risk(form: Form) -> dict[str, str | None]:
    return {"risk": form.values.get("risk") or None, **form.given("reason")}


async def _new(visit: Visit, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    await require(visit, Permission.CUSTOMERS_WRITE)
    return draw(visit, "customers/new.html", status, form=form, notice=notice, words=words)


async def _edit(
    visit: Visit, customer_id: UUID, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    await require(visit, Permission.CUSTOMERS_WRITE)
    customer = await read(visit, get_customer, customer_id=customer_id)
    known = customer.model_dump(mode="json")
    form.values = {name: known[name] or "" for name in FACTS} | form.values
    return draw(visit, "customers/edit.html", status, customer=customer, form=form, notice=notice)


async def _customer(
    visit: Visit,
    customer_id: UUID,
    form: Form,
    notice: Notice | None,
    status: HTTPStatus = HTTPStatus.OK,
    cursor: str | None = None,
) -> Response:
    await require(visit, Permission.CUSTOMERS_READ_ALL)
    page = await customer_page(visit, customer_id, cursor)
    given: dict[str, Any] = {"page": page, "customer": page.customer, "form": form, "notice": notice}
    of_words: dict[str, Any] = {"words": words, "cases": case_words, "kyc": kyc_words}
    return draw(visit, "customers/customer.html", status, page_of=page_of, **of_words, **given)


async def _identity(
    visit: Visit, customer_id: UUID, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    await require(visit, Permission.KYC_READ_ALL)
    page = await kyc_page(visit, customer_id)
    given: dict[str, Any] = {"page": page, "customer": page.customer, "check": page.kyc, "form": form, "notice": notice}
    of_words: dict[str, Any] = {"words": words, "cases": case_words, "kyc": kyc_words}
    return draw(visit, "customers/kyc.html", status, risks=list(Risk), **of_words, **given)
