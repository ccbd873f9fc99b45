"""The catalogue."""

import pytest

from tests.api.house import Company, House, code_of

TABLE = {"sku": "TAB-1", "name": "Table", "unit_price": 1_200_000}


async def test_a_product_is_made_changed_and_found(house: House) -> None:
    company = await house.tenant()
    http = company.admin.http
    made = await http.post("/products", json=TABLE)
    assert made.status_code == 201, made.text
    table = made.json()
    assert (table["currency"], table["tax_rate_bp"], table["visible"]) == (
        company.admin.me["tenant"]["currency"],
        1900,
        True,
    )
    changed = (await http.patch(f"/products/{table['id']}", json={"unit_price": 1, "description": "Oak"})).json()
    assert (changed["unit_price"], changed["description"], changed["name"]) == (1, "Oak", "Table")
    assert (await http.get(f"/products/{table['id']}")).json() == changed
    await http.post("/products", json={"sku": "CH-1", "name": "100% chair", "unit_price": 5})
    for query, expected in (({"q": "tab-"}, ["Table"]), ({"q": "100%"}, ["100% chair"]), ({}, ["100% chair", "Table"])):
        found = (await http.get("/products", params=query)).json()["items"]
        assert [product["name"] for product in found] == expected


async def test_two_products_do_not_share_an_sku(company: Company) -> None:
    http = company.admin.http
    first = await http.post("/products", json=TABLE | {"sku": "ONE"})
    assert first.status_code == 201
    assert code_of(await http.post("/products", json=TABLE | {"sku": "ONE"})) == "sku_taken"
    second = (await http.post("/products", json=TABLE | {"sku": "TWO"})).json()
    assert code_of(await http.patch(f"/products/{second['id']}", json={"sku": "ONE"})) == "sku_taken"


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit_price": -1},
        {"unit_price": 1.5},
        {"currency": "ABC"},
        {"currency": "eur"},
        {"tax_rate_bp": 10_001},
        {"sku": ""},
        {"colour": "red"},
    ],
)
async def test_what_no_product_is_like_is_refused(company: Company, wrong: dict[str, object]) -> None:
    answer = await company.admin.http.post("/products", json=TABLE | {"sku": "X"} | wrong)
    assert answer.status_code == 422, answer.text


async def test_a_product_keeps_what_it_needs(company: Company) -> None:
    made = (await company.admin.http.post("/products", json=TABLE | {"sku": "KEEP"})).json()
    answer = await company.admin.http.patch(f"/products/{made['id']}", json={"name": None})
    assert code_of(answer) == "missing"


async def test_what_was_never_used_is_deleted(company: Company) -> None:
    http = company.admin.http
    made = (await http.post("/products", json=TABLE | {"sku": "NEVER", "stock_tracked": True})).json()
    form = {"sku": "NEVER-RED", "name": "Red", "own_stock": True}
    assert (await http.post(f"/products/{made['id']}/variants", json=form)).status_code == 201
    assert (await http.delete(f"/products/{made['id']}")).status_code == 204
    assert (await http.get(f"/products/{made['id']}")).status_code == 404
    assert (await http.post("/products", json=TABLE | {"sku": "NEVER"})).status_code == 201


async def test_what_was_used_stays(company: Company) -> None:
    http = company.admin.http
    counted = (await http.post("/products", json=TABLE | {"sku": "COUNTED", "stock_tracked": True})).json()["id"]
    moved = await http.post(f"/products/{counted}/stock/movements", json={"quantity": 1, "reason": "Came"})
    assert moved.status_code == 201, moved.text
    refused = await http.delete(f"/products/{counted}")
    assert (refused.status_code, code_of(refused)) == (409, "product_in_use")
    assert (await http.get(f"/products/{counted}")).status_code == 200
