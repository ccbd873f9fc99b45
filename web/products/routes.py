"""Products in a browser: the list, one of them, and what it costs."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from api.catalogue.routes import get_product, list_products
from api.catalogue.schemas import ProductView
from api.catalogue.searching import Wish
from api.http.paging import Paging
from api.http.routing import Router
from domain.catalogue.products import ProductKind
from domain.people.permissions import Permission
from web.http.arriving import arrive
from web.http.forms import Form
from web.http.notices import Notice
from web.http.reading import following, read, require
from web.http.rendering import draw
from web.http.sending import Ending
from web.http.submitting import submit
from web.http.visits import SignedInVisit, Visit
from web.quotes.amounts import amount_text, basis_points_of, minor_of, rate_text

router = Router(prefix="/products")


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


KINDS = {
    ProductKind.GOODS: _("Goods"),
    ProductKind.SERVICE: _("A service"),
    ProductKind.SUBSCRIPTION: _("A subscription"),
}
_CAN_BE_EMPTY = ("summary", "description")


@router.get("")
async def products(
    visit: SignedInVisit,
    q: Annotated[str | None, Query(max_length=200)] = None,
    hidden: bool = False,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """The products: those that customers see, unless the others are wanted."""
    wish = Wish(q or None, None, None, None, None, None, None)
    paging = Paging(50, cursor, None, count=False)
    found = await read(visit, list_products, paging=paging, wished=wish, visible_=None if q else not hidden)
    listed: dict[str, Any] = {"products": found.items, "following": following(visit, found.next_cursor)}
    return draw(visit, "products/list.html", shown={"q": q or "", "hidden": hidden}, kinds=KINDS, **listed)


@router.get("/new")
async def new_product(visit: SignedInVisit) -> Response:
    """The form of a new product."""
    await require(visit, Permission.CATALOGUE_WRITE)
    form, notice = await arrive(visit, "/products/new")
    return await _form(visit, None, form, notice)


@router.post("/new")
async def add_product(visit: SignedInVisit) -> Response:
    """Adds a product."""
    await require(visit, Permission.CATALOGUE_WRITE)

    def body(form: Form) -> dict[str, Any]:
        currency = visit.visitor.currency if visit.visitor else ""
        return {name: value for name, value in _body(form, currency, visit.language).items() if value is not None}

    return await submit(visit, partial(_form, visit, None), "POST", "/products", body, _to_product)


@router.get("/{product_id}")
async def product(visit: SignedInVisit, product_id: UUID) -> Response:
    """One product, as it can be changed."""
    await require(visit, Permission.CATALOGUE_READ_ALL)
    found: ProductView = await read(visit, get_product, product_id=str(product_id))
    form, notice = await arrive(visit, f"/products/{product_id}")
    return await _form(visit, found, form if form.values else Form(_values(found, visit.language)), notice)


@router.post("/{product_id}")
async def edit_product(visit: SignedInVisit, product_id: UUID) -> Response:
    """Changes the product. What was quoted stays as it was quoted."""
    await require(visit, Permission.CATALOGUE_WRITE)
    found: ProductView = await read(visit, get_product, product_id=str(product_id))

    def body(form: Form) -> dict[str, Any]:
        return _body(form, found.currency, visit.language)

    return await submit(visit, partial(_form, visit, found), "PATCH", f"/products/{product_id}", body, _to_product)


def _body(form: Form, currency: str, language: str) -> dict[str, Any]:
    """What the form says of a product, as the API takes it; None for what it is to be without."""
    said: dict[str, Any] = {name: form.values.get(name, "") for name in ("sku", "name", "kind")}
    said |= {name: form.values.get(name) or None for name in _CAN_BE_EMPTY}
    said["unit_price"] = minor_of(form.values.get("unit_price", ""), currency, language)
    if form.values.get("tax_rate_bp"):
        said["tax_rate_bp"] = basis_points_of(form.values["tax_rate_bp"], language)
    return said | {"visible": form.values.get("visible", "") == "yes"}


def _values(product: ProductView, language: str) -> dict[str, str]:
    return {
        **{name: getattr(product, name) or "" for name in ("sku", "name", "kind", *_CAN_BE_EMPTY)},
        "unit_price": amount_text(product.unit_price, product.currency, language),
        "tax_rate_bp": rate_text(product.tax_rate_bp, language),
        "visible": "yes" if product.visible else "",
    }


def _to_product(ending: Ending) -> str:
    return f"/products/{ending.body['id']}" if ending.done else "/products"


async def _form(
    visit: Visit,
    product: ProductView | None,
    form: Form,
    notice: Notice | None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    return draw(visit, "products/product.html", status, product=product, form=form, notice=notice, kinds=KINDS)
