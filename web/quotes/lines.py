"""The lines of a quote in a form: fields called `lines.0.name` and so on, as the API calls them when it finds fault."""

import re
from collections.abc import Mapping
from typing import Any

from api.catalogue.schemas import ProductView
from api.quotes.schemas import MOST_LINES, LineView, QuoteView
from web.http.forms import Form
from web.quotes.amounts import amount_text, basis_points_of, minor_of, quantity_of, quantity_text, rate_text

FIELDS = (
    "product_id",
    "name",
    "description",
    "quantity",
    "unit_price",
    "discount_bp",
    "tax_rate_bp",
    "exemption",
)
_LINE = re.compile(r"lines\.(\d{1,3})\.(\w+)")
_ONE = "1"
Row = dict[str, str]


def rows_of(form: Form) -> list[Row]:
    """The lines as they stand in the form, in their order, empty ones too."""
    found: dict[int, Row] = {}
    for name, value in form.values.items():
        if (match := _LINE.fullmatch(name)) and match[2] in FIELDS:
            found.setdefault(int(match[1]), {})[match[2]] = value
    return [found[place] for place in sorted(found)][:MOST_LINES]


def put_rows(form: Form, rows: list[Row]) -> None:
    """Has these lines stand in the form, and no others."""
    form.values = {name: value for name, value in form.values.items() if not _LINE.fullmatch(name)}
    for place, row in enumerate(rows):
        form.values |= {f"lines.{place}.{name}": row.get(name, "") for name in FIELDS}


def change(form: Form, deed: str) -> None:
    """Does what a button says: `add` a line, or `up:2`, `down:2`, `away:2` with the line of this place. What says
    nothing of this changes nothing."""
    rows = rows_of(form)
    what, _, place = deed.partition(":")
    here = int(place) if place.isdecimal() else -1
    if what == "add":
        rows.append({"quantity": _ONE})
    elif what == "away" and 0 <= here < len(rows):
        rows.pop(here)
    elif what in ("up", "down") and 0 <= here < len(rows):
        rows.insert(max(0, here + (-1 if what == "up" else 1)), rows.pop(here))
    put_rows(form, rows)


def add_product(form: Form, product: ProductView, language: str) -> None:
    """Adds a line of the product: at its price where the quote is in its currency."""
    same = product.currency == form.values.get("currency")
    row = {
        "product_id": str(product.id),
        "name": product.name,
        "quantity": _ONE,
        "unit_price": amount_text(product.price, product.currency, language) if same else "",
        "tax_rate_bp": rate_text(product.tax_rate_bp, language),
    }
    put_rows(form, [*(row for row in rows_of(form) if not _is_empty(row)), row])


def content_of(form: Form, language: str) -> dict[str, Any]:
    """What the form offers, as the API takes it. Lines in which nothing stands are let go."""
    rows = [row for row in rows_of(form) if not _is_empty(row)]
    put_rows(form, rows)
    currency = form.values.get("currency", "")
    content: dict[str, Any] = form.given("notes", "terms", "valid_days")
    if form.values.get("discount_bp"):
        content["discount_bp"] = basis_points_of(form.values["discount_bp"], language)
    return content | {"lines": [_line(row, currency, language) for row in rows]}


def _line(row: Row, currency: str, language: str) -> dict[str, Any]:
    given: dict[str, Any] = {name: value for name, value in row.items() if value != ""}
    for name in ("discount_bp", "tax_rate_bp"):
        if name in given:
            given[name] = basis_points_of(given[name], language)
    if "unit_price" in given:
        given["unit_price"] = minor_of(given["unit_price"], currency, language)
    if "quantity" in given:
        given["quantity"] = quantity_of(given["quantity"], language)
    return given


def _is_empty(row: Row) -> bool:
    return not any(value for name, value in row.items() if name != "quantity")


def values_of(quote: QuoteView, language: str) -> dict[str, str]:
    """What stands in the form of a quote that was written before."""
    form = Form(
        {
            "currency": quote.currency,
            "discount_bp": rate_text(quote.discount_bp, language) if quote.discount_bp else "",
            "valid_days": str(quote.valid_days),
            "notes": quote.notes or "",
            "terms": quote.terms or "",
        }
    )
    put_rows(form, [_row(line, quote.currency, language) for line in quote.lines])
    return form.values


def _row(line: LineView, currency: str, language: str) -> Row:
    return {
        "product_id": str(line.product_id or ""),
        "name": line.name,
        "description": line.description or "",
        "quantity": quantity_text(line.quantity, language),
        "unit_price": amount_text(line.unit_price, currency, language),
        "discount_bp": rate_text(line.discount_bp, language) if line.discount_bp else "",
        "tax_rate_bp": "" if line.exemption else rate_text(line.tax_rate_bp, language),
        "exemption": line.exemption or "",
    }


def labels(rows: list[Row], named: Mapping[str, str]) -> dict[str, str]:
    """What the fields of lines are called where one of them is wrong: `Line 2, price`."""
    return {
        f"lines.{place}.{name}": f"{named['line']} {place + 1}, {said}"
        for place in range(len(rows))
        for name, said in named.items()
        if name != "line"
    }
