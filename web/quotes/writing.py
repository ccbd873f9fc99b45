"""Writing a quote: its lines by product or in one's own words, moved by buttons, with the server's sums at each
change."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from api.catalogue.routes import get_product, list_products
from api.catalogue.searching import Wish
from api.customers.routes import get_customer, list_customers
from api.http.paging import Paging
from api.http.problems import Problem, conflict
from api.http.routing import Router
from api.quote_requests.views import QUOTE_REQUESTS
from api.quotes.schemas import QuoteView, TotalsView
from api.quotes.views import QUOTES
from domain.people.permissions import Permission
from domain.quotes import rules
from web.http.arriving import arrive
from web.http.forms import Form, id_in, posted
from web.http.notices import Notice, not_proven
from web.http.reading import read, require, see
from web.http.refusals import sentence
from web.http.rendering import draw, gettext
from web.http.sending import send
from web.http.submitting import opened, submit, to
from web.http.visits import SignedInVisit, Visit
from web.quotes import words
from web.quotes.lines import add_product, change, content_of, labels, put_rows, rows_of, values_of

router = Router(prefix="/quotes")

_A_FEW = Paging(12, None, None, count=False)


@router.get("/new")
async def new_quote(
    visit: SignedInVisit,
    customer_id: UUID | None = None,
    request_id: UUID | None = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The form of a new quote; before it, for whom it is."""
    await require(visit, Permission.QUOTES_WRITE)
    form, notice = await arrive(visit, "/quotes/new")
    begun_for = form.values.get("customer_id")
    if request_id:
        return await _editor(visit, None, await _of_request(visit, request_id), notice)
    if begun_for and str(customer_id or begun_for) == begun_for and q is None:
        return await _editor(visit, None, form, notice)
    if customer_id:
        return await _editor(visit, None, _empty(visit, customer_id), notice)
    customers = await read(visit, list_customers, paging=_A_FEW, q=q or None, sort="name")
    return draw(visit, "quotes/customer.html", customers=customers.items, q=q or "", notice=notice)


@router.post("/new")
async def write(visit: SignedInVisit) -> Response:
    """Writes the draft, and leads to it."""
    await require(visit, Permission.QUOTES_WRITE)

    def body(form: Form) -> dict[str, Any]:
        return content_of(form, visit.language) | form.given("customer_id", "currency", "request_id")

    return await submit(visit, partial(_editor, visit, None), "POST", "/quotes", body, opened("/quotes"))


@router.post("/new/lines")
async def lines_of_new(visit: SignedInVisit) -> Response:
    """The form once more, with its lines as a button says, and what they come to."""
    await require(visit, Permission.QUOTES_WRITE)
    return await _changed(visit, None)


@router.get("/{quote_id}/edit")
async def edit_quote(visit: SignedInVisit, quote_id: UUID) -> Response:
    """The form of what a draft offers."""
    quote = await _editable(visit, quote_id)
    form, notice = await arrive(visit, f"/quotes/{quote_id}/edit")
    if not form.values:
        form = Form(values_of(quote, visit.language))
    return await _editor(visit, quote, form, notice)


@router.post("/{quote_id}/edit")
async def edit(visit: SignedInVisit, quote_id: UUID) -> Response:
    """Replaces what the draft offers."""
    quote: QuoteView = await see(visit, QUOTES, Permission.QUOTES_WRITE, quote_id)
    here = f"/quotes/{quote_id}"
    again = partial(_editor, visit, quote)

    def body(form: Form) -> dict[str, Any]:
        return content_of(form, visit.language)

    return await submit(visit, again, "PUT", here, body, to(here), of_version=True)


@router.post("/{quote_id}/edit/lines")
async def lines_of_draft(visit: SignedInVisit, quote_id: UUID) -> Response:
    """As for a new quote."""
    return await _changed(visit, await _editable(visit, quote_id))


async def _editable(visit: Visit, quote_id: UUID) -> QuoteView:
    quote: QuoteView = await see(visit, QUOTES, Permission.QUOTES_WRITE, quote_id)
    rules.require_editable(quote.status)
    return quote


async def _changed(visit: Visit, quote: QuoteView | None) -> Response:
    form = await posted(visit)
    if not form.ours:
        return await _editor(visit, quote, form, not_proven(visit), HTTPStatus.FORBIDDEN)
    deed = form.values.pop("do", "")
    if deed.startswith("put:"):
        add_product(form, await read(visit, get_product, product_id=deed.removeprefix("put:")), visit.language)
        form.values.pop("wanted", None)
    else:
        change(form, deed)
    return await _editor(visit, quote, form, None)


async def _editor(
    visit: Visit, quote: QuoteView | None, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    customer_id = quote.customer_id if quote else id_in(form.values.get("customer_id", ""))
    if customer_id is None:
        raise conflict("customer_missing", "A quote is for somebody: choose the customer first.")
    form.values.setdefault("currency", quote.currency if quote else _currency(visit))
    if quote and (status is HTTPStatus.PRECONDITION_FAILED or "version" not in form.values):
        # Who has been told that another person was faster may still want these words.
        form.values["version"] = str(quote.version)
    totals = await _totals(visit, form)
    if not rows_of(form):
        change(form, "add")
    shown: dict[str, Any] = {
        "customer": await read(visit, get_customer, customer_id=customer_id),
        "rows": rows_of(form),
        "found": await _products(visit, form.values.get("wanted", "")),
        "labels": labels(rows_of(form), {name: gettext(visit, said) for name, said in words.LINE_FIELDS.items()}),
        "here": f"/quotes/{quote.id}/edit" if quote else "/quotes/new",
    }
    return draw(visit, "quotes/edit.html", status, quote=quote, form=form, notice=notice, totals=totals, **shown)


async def _totals(visit: Visit, form: Form) -> TotalsView | None:
    """What the form's content comes to; None while something in it is not yet as it must be. What is wrong with a
    field in which something stands is said there."""
    body = content_of(Form(dict(form.values)), visit.language)
    if not body["lines"]:
        return None
    ending = await send(visit, "POST", "/quotes/totals", body | form.given("currency"))
    if ending.done:
        return TotalsView.model_validate(ending.body)
    if ending.status == HTTPStatus.FORBIDDEN:
        raise Problem(ending.status, ending.code, str(ending.body["detail"]))
    if not form.errors:
        for error in ending.errors:
            name = str(error["field"])
            if form.values.get(name) or name == "lines":
                form.errors.setdefault(name, sentence(visit, str(error["code"]), str(error["detail"])))
    return None


async def _products(visit: Visit, wanted: str) -> Any:
    if not wanted:
        return None
    wish = Wish(wanted, None, None, None, None, None, None)
    return (await read(visit, list_products, paging=_A_FEW, wished=wish, visible_=None)).items


async def _of_request(visit: Visit, request_id: UUID) -> Form:
    """The form of a quote that answers a request: with what was wished, at today's prices."""
    request = await see(visit, QUOTE_REQUESTS, Permission.QUOTES_READ, request_id)
    form = _empty(visit, request.customer_id)
    form.values["request_id"] = str(request_id)
    for product_id in request.product_ids:
        add_product(form, await read(visit, get_product, product_id=str(product_id)), visit.language)
    return form


def _empty(visit: Visit, customer_id: UUID) -> Form:
    form = Form({"customer_id": str(customer_id), "currency": _currency(visit)})
    put_rows(form, [])
    return form


def _currency(visit: Visit) -> str:
    return visit.visitor.currency if visit.visitor else ""
