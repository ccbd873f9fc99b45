"""Stock over HTTP: counting it, reading it, and who may."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from domain.cases import CaseKind
from stores.stock.claims import Cause, Wanted, claim
from tests.api.catalogue.shop import product
from tests.api.house import Company, House, code_of


async def move(company: Company, product_id: str, quantity: int, **fields: object) -> dict[str, object]:
    body = {"quantity": quantity, "reason": "Counted"} | fields
    answer = await company.admin.http.post(f"/products/{product_id}/stock/movements", json=body)
    assert answer.status_code == 201, answer.text
    level: dict[str, object] = answer.json()
    return level


async def test_pieces_come_and_are_counted(house: House) -> None:
    shop = await house.tenant()
    http = shop.admin.http
    chair = await product(shop, "Chair", sku="CHAIR", stock_tracked=True, low_stock_level=2)
    level = await move(shop, chair["id"], 5)
    assert (level["on_hand"], level["available"], level["low"]) == (5, 5, False)
    assert (await move(shop, chair["id"], -3, reason="Broken"))["low"] is True
    body = {"quantity": -3, "reason": "Broken"}
    assert code_of(await http.post(f"/products/{chair['id']}/stock/movements", json=body)) == "stock_reserved"
    listed = (await http.get(f"/products/{chair['id']}/stock/movements", params={"limit": 1, "count": True})).json()
    [newest] = listed["items"]
    assert (newest["kind"], newest["on_hand_change"], newest["reason"]) == ("corrected", -3, "Broken")
    assert (newest["actor_id"], listed["total"]) == (shop.admin.id, 2)
    second = await http.get(
        f"/products/{chair['id']}/stock/movements", params={"limit": 1, "cursor": listed["next_cursor"]}
    )
    assert [each["place"] for each in second.json()["items"]] == [1]
    audited = (await http.get("/audit", params={"action": "stock.moved"})).json()["items"]
    assert {entry["detail"]["quantity"] for entry in audited} == {5, -3}


async def test_what_is_low_is_listed(house: House) -> None:
    shop = await house.tenant()
    low = await product(shop, "Low", sku="B", stock_tracked=True, low_stock_level=3)
    await product(shop, "Unknown", sku="C", stock_tracked=True)
    await product(shop, "Service", sku="A", kind="service")
    enough = await product(shop, "Enough", sku="D", stock_tracked=True, low_stock_level=3)
    await move(shop, low["id"], 3)
    await move(shop, enough["id"], 4)
    for query, skus in (({"low": True}, ["B"]), ({"low": False}, ["C", "D"]), ({"sort": "-sku"}, ["D", "C", "B"])):
        listed = (await shop.admin.http.get("/stock", params=query)).json()["items"]
        assert [level["sku"] for level in listed] == skus, query
    figures = (await shop.admin.http.get("/products/statistics")).json()
    assert (figures["products"], figures["low_stock"], figures["out_of_stock"]) == (4, 1, 1)
    assert figures["by_kind"] == {"goods": 3, "service": 1}


async def test_variants_have_their_own_stock_or_share_the_products(company: Company) -> None:
    http = company.admin.http
    shirt = await product(company, "Shirt", stock_tracked=True)
    red = {"sku": "SHIRT-R", "name": "Red", "unit_price": 1_500, "own_stock": True}
    made = await http.post(f"/products/{shirt['id']}/variants", json=red)
    assert made.status_code == 201, made.text
    blue = await http.post(f"/products/{shirt['id']}/variants", json={"sku": "SHIRT-B", "name": "Blue"})
    variants = {variant["name"]: variant for variant in blue.json()["variants"]}
    assert {name: (variant["price"], variant["in_stock"]) for name, variant in variants.items()} == {
        "Red": (1_500, False),
        "Blue": (1_000, False),
    }
    await move(company, shirt["id"], 1, variant_id=variants["Red"]["id"])
    await move(company, shirt["id"], 2, variant_id=variants["Blue"]["id"])
    levels = (await http.get(f"/products/{shirt['id']}/stock")).json()
    assert [(level["sku"], level["on_hand"]) for level in levels] == [(shirt["sku"], 2), ("SHIRT-R", 1)]
    taken = await http.post("/products", json={"sku": "SHIRT-R", "name": "Other", "unit_price": 1})
    assert code_of(taken) == "sku_taken"
    path = f"/products/{shirt['id']}/variants/{variants['Blue']['id']}"
    assert code_of(await http.patch(path, json={"sku": "SHIRT-R"})) == "sku_taken"
    hidden = await http.patch(path, json={"visible": False, "unit_price": 900})
    assert hidden.json()["variants"][1] | {"visible": False, "price": 900} == hidden.json()["variants"][1]
    shown = (await company.house.visitor().get(f"/public/{company.slug}/products/{shirt['id']}")).json()
    assert [variant["name"] for variant in shown["variants"]] == ["Red"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"quantity": 0, "reason": "Nothing"}, 409, "quantity_zero"),
        ({"quantity": 1.5, "reason": "Half"}, 422, "invalid"),
        ({"quantity": 10**7, "reason": "Too much"}, 422, "invalid"),
        ({"quantity": 1}, 422, "invalid"),
        ({"quantity": 1, "reason": "Whose", "variant_id": str(uuid7())}, 422, "unknown"),
    ],
)
async def test_what_moves_nothing_is_refused(company: Company, body: dict[str, object], status: int, code: str) -> None:
    chair = await product(company, stock_tracked=True)
    answer = await company.admin.http.post(f"/products/{chair['id']}/stock/movements", json=body)
    assert (answer.status_code, code_of(answer)) == (status, code)


async def test_what_is_not_counted_has_no_stock(company: Company) -> None:
    hour = await product(company, kind="service")
    answer = await company.admin.http.post(
        f"/products/{hour['id']}/stock/movements", json={"quantity": 1, "reason": "Why"}
    )
    assert code_of(answer) == "stock_untracked"
    counted = await company.admin.http.patch(f"/products/{hour['id']}", json={"stock_tracked": True})
    assert (code_of(counted), counted.json()["errors"][0]["field"]) == ("only_goods_have_stock", "stock_tracked")


async def test_counting_twice_with_one_key_counts_once(company: Company) -> None:
    chair = await product(company, stock_tracked=True)
    for _ in range(2):
        answer = await company.admin.http.post(
            f"/products/{chair['id']}/stock/movements",
            json={"quantity": 3, "reason": "Delivery"},
            headers={"Idempotency-Key": "the-same"},
        )
        assert (answer.status_code, answer.json()["on_hand"]) == (201, 3)


async def test_what_is_claimed_is_not_available(house: House, company: Company) -> None:
    chair = await product(company, stock_tracked=True)
    await move(company, chair["id"], 2)
    tenant_id = UUID(company.admin.me["tenant"]["id"])
    async with house.database.transaction(tenant_id) as session:
        wanted = [Wanted(uuid7(), UUID(chair["id"]), None, 2)]
        await claim(session, tenant_id, wanted, Cause(CaseKind.TICKET, uuid7(), None, None), datetime.now(UTC))
    [level] = (await company.admin.http.get(f"/products/{chair['id']}/stock")).json()
    assert (level["on_hand"], level["reserved"], level["available"]) == (2, 2, 0)
    assert (await company.admin.http.get(f"/products/{chair['id']}")).json()["in_stock"] is False
