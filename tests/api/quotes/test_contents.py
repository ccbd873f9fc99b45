"""Contents of quotes that are refused before anything is written and before the engine is asked."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from stores.quotes.links import quote_token
from tests.api.house import Company, House, code_of

LINE: dict[str, Any] = {"name": "Chair", "quantity": 1, "unit_price": 100}


@pytest.fixture(scope="module")
async def customer_id(company: Company) -> str:
    return (await company.customer())["id"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [LINE] * 201}, "lines"),
        ({"lines": [LINE | {"quantity": 0}]}, "lines.0.quantity"),
        ({"lines": [LINE | {"quantity": "1.0001"}]}, "lines.0.quantity"),
        ({"lines": [LINE | {"unit_price": 0.5}]}, "lines.0.unit_price"),
        ({"lines": [{"quantity": 1, "unit_price": 1}]}, "lines.0.name"),
        ({"lines": [{"name": "Chair", "quantity": 1}]}, "lines.0.unit_price"),
        ({"lines": [LINE | {"product_id": "01a1f940-fe27-7223-aca3-a0ee4a3aa8e9"}]}, "lines.0.product_id"),
        ({"lines": [LINE | {"exemption": "Export", "tax_rate_bp": 900}]}, "lines"),
        ({"lines": [LINE | {"unit_price": 10**12, "quantity": 1_000_000}]}, "lines"),
        ({"lines": [LINE | {"discount_bp": 10_001}]}, "lines.0.discount_bp"),
        ({"discount_bp": -1}, "discount_bp"),
        ({"valid_days": 0}, "valid_days"),
        ({"valid_days": 1_000}, "valid_days"),
        ({"currency": "XYZ"}, "currency"),
        ({"customer_id": "01a1f940-fe27-7223-aca3-a0ee4a3aa8e9"}, "customer_id"),
        ({"request_id": "01a1f940-fe27-7223-aca3-a0ee4a3aa8e9"}, "request_id"),
        ({"notes": "\x00"}, "notes"),
    ],
)
async def test_what_no_quote_is_like_is_refused(
    company: Company, customer_id: str, wrong: dict[str, Any], field: str
) -> None:
    body = {"customer_id": customer_id, "lines": [LINE]} | wrong
    answer = await company.admin.http.post("/quotes", json=body)
    assert answer.status_code == 422, answer.text
    assert next(error["field"] for error in answer.json()["errors"]).startswith(field)


async def test_a_product_of_another_currency_needs_a_price(company: Company, customer_id: str) -> None:
    http = company.admin.http
    product = (
        await http.post("/products", json={"sku": "YEN", "name": "Fan", "unit_price": 5, "currency": "JPY"})
    ).json()
    line = {"product_id": product["id"], "quantity": 1}
    body = {"customer_id": customer_id, "currency": "TND", "lines": [line]}
    assert code_of(await http.post("/quotes", json=body)) == "currency_mismatch"
    body["lines"] = [line | {"unit_price": 7}]
    # Written; there is no engine here that would take it.
    assert (await http.post("/quotes", json=body)).status_code == 202
    assert (await http.get("/quotes")).json()["items"] == []


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
async def test_what_is_no_link_leads_nowhere(company: Company, token: str) -> None:
    assert code_of(await company.admin.http.get(f"/public/quotes/{token}")) == "not_found"
    answer = await company.admin.http.post(f"/public/quotes/{token}/accept", json={"name": "Somebody"})
    assert code_of(answer) == "not_found"


async def test_a_link_leads_to_what_was_sent_and_dies_with_its_validity(
    house: House, company: Company, customer_id: str
) -> None:
    written = await company.admin.http.post("/quotes", json={"customer_id": customer_id, "lines": [LINE]})
    quote_id, now = UUID(written.json()["case_id"]), datetime.now(UTC)
    tenant_id = UUID(company.admin.me["tenant"]["id"])

    def link(valid_until: datetime) -> str:
        sent_at = now - timedelta(days=30)
        return quote_token(house.signed, tenant_id, quote_id, sent_at=sent_at, valid_until=valid_until)

    visitor = house.visitor()
    # Signed by us and still valid, but nobody has sent the quote.
    early = await visitor.get(f"/public/quotes/{link(now + timedelta(days=1))}")
    assert (early.status_code, code_of(early)) == (404, "not_found")
    late = link(now - timedelta(seconds=1))
    read = await visitor.get(f"/public/quotes/{late}")
    assert (read.status_code, code_of(read)) == (410, "quote_expired")
    accepted = await visitor.post(f"/public/quotes/{late}/accept", json={"name": "Somebody"})
    assert (accepted.status_code, code_of(accepted)) == (409, "quote_expired")


async def test_totals_are_reckoned_before_anything_is_written(company: Company) -> None:
    http = company.admin.http
    body = {"lines": [{"name": "A chair", "quantity": "2.5", "unit_price": 10_000}], "discount_bp": 1_000}
    totals = (await http.post("/quotes/totals", json=body)).json()
    assert [totals[name] for name in ("subtotal", "discount", "taxable", "tax", "total")] == [
        25_000,
        2_500,
        22_500,
        4_275,
        26_775,
    ]
    assert totals["taxes"] == [{"rate_bp": 1_900, "exemption": None, "taxable": 22_500, "tax": 4_275}]
    assert (totals["lines"][0]["quantity"], totals["currency"], totals["needs_approval"]) == ("2.5", "DZD", False)
    above = await http.post("/quotes/totals", json=body | {"discount_bp": 1_001})
    assert above.json()["needs_approval"]
