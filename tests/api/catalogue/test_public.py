"""What everybody sees of a catalogue, without an account."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from domain.files.states import ScanResult
from models.files import StoredFile
from stores.catalogue.popularity import count_sold
from tests.api.catalogue.shop import PNG, names, product, upload
from tests.api.house import Company, House, code_of

HIDDEN = {"cost", "popularity", "low_stock_level", "out_of_stock", "stock_tracked", "visible", "sale_from"}


@pytest.fixture
async def shop(house: House) -> Company:
    return await house.tenant()


async def test_everybody_sees_what_is_for_sale_and_nothing_else(house: House, shop: Company) -> None:
    nobody, path = house.visitor(), f"/public/{shop.slug}/products"
    table = await product(shop, "Table", cost=600, summary="Oak", featured=True)
    secret = await product(shop, "Prototype", visible=False)
    stranger = await product(await house.tenant(), "Another's")
    listed = await nobody.get(path, params={"count": True})
    assert names(listed) == ["Table"]
    assert listed.json()["total"] == 1
    shown = (await nobody.get(f"{path}/{table['slug']}")).json()
    assert shown == (await nobody.get(f"{path}/{table['id']}")).json() == listed.json()["items"][0]
    assert HIDDEN.isdisjoint(shown)
    for other in (secret, stranger):
        for named in (other["id"], other["slug"]):
            assert code_of(await nobody.get(f"{path}/{named}")) == "not_found"
        assert (
            code_of(await nobody.get(f"{path}/compare", params={"ids": f"{table['id']},{other['id']}"})) == "not_found"
        )
    assert code_of(await nobody.get("/public/no-such-company/products")) == "not_found"
    assert names(await nobody.get(path, params={"q": "prototype"})) == []


async def test_customers_see_no_cost_and_staff_do(house: House, shop: Company) -> None:
    table = await product(shop, cost=600)
    client, agent = await shop.register(), await shop.member("agent")
    assert (await agent.http.get(f"/products/{table['id']}")).json()["cost"] == 600
    for answer in (await client.http.get("/products"), await client.http.get(f"/products/{table['slug']}")):
        assert answer.status_code == 200
        assert "cost" not in answer.text
    assert (await client.http.get("/products/statistics")).status_code == 403
    assert names(await client.http.get("/products", params={"visible": False})) == []


async def test_a_sale_has_its_days(house: House, shop: Company) -> None:
    now = datetime.now(UTC)
    before, after = ((now + timedelta(hours=hours)).isoformat() for hours in (-1, 1))
    await product(shop, "Now", unit_price=1_000, sale_price=700, sale_from=before, sale_until=after)
    await product(shop, "Later", unit_price=900, sale_price=100, sale_from=after)
    await product(shop, "Over", unit_price=800, sale_price=100, sale_until=before)
    await product(shop, "Always", unit_price=500)
    nobody, path = house.visitor(), f"/public/{shop.slug}/products"
    by_price = await nobody.get(path, params={"sort": "price"})
    assert [(item["name"], item["price"]) for item in by_price.json()["items"]] == [
        ("Always", 500),
        ("Now", 700),
        ("Over", 800),
        ("Later", 900),
    ]
    assert {item["name"]: bool(item["sale_until"]) for item in by_price.json()["items"]}["Over"] is False
    assert names(await nobody.get(path, params={"price_min": 600, "price_max": 800})) == ["Now", "Over"]
    pages: list[str] = []
    cursor = None
    while cursor or not pages:
        answer = await nobody.get(path, params={"sort": "-price", "limit": 1} | ({"cursor": cursor} if cursor else {}))
        pages += names(answer)
        cursor = answer.json()["next_cursor"]
    assert pages == ["Later", "Over", "Now", "Always"]
    for offset in range(4):
        query = {"sort": "price", "offset": offset, "count": True}
        answer = await nobody.get(path, params=query)
        assert (names(answer), answer.json()["total"]) == (pages[::-1][offset:], 4)
    assert names(await nobody.get(path, params={"sort": "-price", "price_max": 800})) == ["Over", "Now", "Always"]


async def test_what_was_sold_most_comes_first(house: House, shop: Company) -> None:
    tenant_id = UUID(shop.admin.me["tenant"]["id"])
    ids = [UUID((await product(shop, name))["id"]) for name in ("Once", "Never", "Often")]
    async with house.database.transaction(tenant_id) as session:
        await count_sold(session, tenant_id, {ids[0]: 1, ids[2]: 5, ids[1]: -1})
    path, nobody = f"/public/{shop.slug}/products", house.visitor()
    assert names(await nobody.get(path, params={"sort": "popular"})) == ["Often", "Once", "Never"]
    assert names(await nobody.get(path, params={"sort": "-popular"})) == ["Never", "Once", "Often"]


async def test_it_is_found_by_category_and_what_is_in_stock(house: House, shop: Company) -> None:
    http = shop.admin.http

    async def category(name: str, parent: str | None = None) -> str:
        body = {"name": name, "slug": name.lower(), "parent_id": parent}
        return str((await http.post("/categories/products", json=body)).json()["id"])

    house_ = await category("Home")
    await product(shop, "Chair", category_id=await category("Chairs", house_), stock_tracked=True, featured=True)
    bench = await product(shop, "Bench", category_id=house_, stock_tracked=True)
    await product(shop, "Delivery", kind="service")
    moved = await http.post(f"/products/{bench['id']}/stock/movements", json={"quantity": 2, "reason": "Delivery"})
    assert moved.status_code == 201, moved.text
    nobody, path = house.visitor(), f"/public/{shop.slug}/products"
    for query, expected in (
        ({"category": "home"}, ["Bench", "Chair"]),
        ({"category": "chairs"}, ["Chair"]),
        ({"category": house_, "in_stock": True}, ["Bench"]),
        ({"in_stock": True}, ["Bench", "Delivery"]),
        ({"in_stock": False}, ["Chair"]),
        ({"featured": True}, ["Chair"]),
        ({"category": "no-such"}, []),
    ):
        assert names(await nobody.get(path, params=query)) == expected, query
    tree = (await nobody.get(f"/public/{shop.slug}/categories/products")).json()["items"]
    assert [(each["name"], [child["name"] for child in each["children"]]) for each in tree] == [("Home", ["Chairs"])]
    assert code_of(await nobody.get(path, params={"sort": "cost"})) == "sort_unknown"


async def test_products_are_compared_by_what_they_are_like(house: House, shop: Company) -> None:
    seats = [{"name": "Seats", "value": "4"}]
    first = await product(shop, "First", specifications=[*seats, {"name": "Wood", "value": "Oak"}])
    second = await product(shop, "Second", specifications=[{"name": "Seats", "value": "6"}])
    nobody, path = house.visitor(), f"/public/{shop.slug}/products/compare"
    answer = await nobody.get(path, params={"ids": f"{second['id']},{first['id']}"})
    assert names(answer) == ["Second", "First"]
    assert answer.json()["specifications"] == [
        {"name": "Seats", "values": ["6", "4"]},
        {"name": "Wood", "values": [None, "Oak"]},
    ]
    assert "cost" not in answer.text
    for ids, code in (("x,y", "id_invalid"), (first["id"], "ids_count")):
        refused = await nobody.get(path, params={"ids": ids})
        assert (refused.status_code, code_of(refused), refused.json()["errors"][0]["field"]) == (422, code, "ids")


async def test_images_of_what_is_for_sale_are_everybodys(house: House, shop: Company) -> None:
    http = shop.admin.http
    table = await product(shop)
    front, back = await upload(http), await upload(http, PNG + b"2", "back.png")
    manual = await upload(http, b"How to build it", "manual.txt")
    path = f"/public/{shop.slug}/products/{table['slug']}"
    put = await http.put(f"/products/{table['id']}/images", json={"file_ids": [back, front]})
    assert put.status_code == 200, put.text
    assert (
        code_of(await http.put(f"/products/{table['id']}/images", json={"file_ids": [manual]})) == "file_type_refused"
    )
    await http.put(f"/products/{table['id']}/documents", json={"file_ids": [manual]})
    nobody = house.visitor()
    shown = (await nobody.get(path)).json()
    assert [image["id"] for image in shown["images"]] == [back, front]
    assert [document["name"] for document in shown["documents"]] == ["manual.txt"]
    got = await nobody.get(f"{path}/files/{front}")
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, PNG, "image/png")
    # Others' files, and files of the uploader's that are not this product's, are not there.
    assert code_of(await nobody.get(f"{path}/files/{await upload(http)}")) == "not_found"
    await http.put(f"/products/{table['id']}/images", json={"file_ids": [front]})
    assert code_of(await nobody.get(f"{path}/files/{back}")) == "not_found"
    again = await product(shop, "Again")
    assert (await http.put(f"/products/{again['id']}/images", json={"file_ids": [back]})).status_code == 200
    taken = await http.put(f"/products/{again['id']}/images", json={"file_ids": [front]})
    assert (code_of(taken), taken.json()["errors"][0]["field"]) == ("file_unknown", "file_ids.0")
    await http.patch(f"/products/{table['id']}", json={"visible": False})
    assert code_of(await nobody.get(f"{path}/files/{front}")) == "not_found"
    assert (await http.get(f"/products/{table['id']}/files/{front}")).content == PNG


async def test_what_is_not_scanned_yet_is_nobodys(house: House, shop: Company) -> None:
    http = shop.admin.http
    table, image = await product(shop), await upload(http)
    await http.put(f"/products/{table['id']}/images", json={"file_ids": [image]})
    async with house.database.transaction(UUID(shop.admin.me["tenant"]["id"])) as session:
        await session.execute(sa.update(StoredFile).where(col(StoredFile.id) == image).values(scan=ScanResult.PENDING))
    path = f"/public/{shop.slug}/products/{table['id']}"
    assert (await house.visitor().get(path)).json()["images"] == []
    assert code_of(await house.visitor().get(f"{path}/files/{image}")) == "file_scan_pending"


async def test_who_asks_too_often_has_to_wait(house: House, shop: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.services.settings, "public_catalogue_per_minute", 2)
    nobody = house.visitor()
    answers = [await nobody.get(f"/public/{shop.slug}/products") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
