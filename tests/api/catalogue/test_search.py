"""Products are found by what people type: without accents, half typed, misspelt."""

import re
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from api.catalogue.searching import Wish, find_products
from api.http.paging import Paging
from ops.embedded.postgres import Postgres
from ops.seed_products import seed_products
from tests.api.catalogue.shop import names, product
from tests.api.house import Company, House

PRODUCTS: tuple[dict[str, Any], ...] = (
    {"name": "Étagère en chêne", "sku": "ETG-100"},
    {"name": "Table basse", "description": "Assortie à l'étagère"},
    {"name": "Tablette d'écolier"},
    {"name": "Tabouret haut", "summary": "Pour une table de bar"},
    {"name": "Nappe", "description": "Pour toutes les tables"},
    {"name": "Cœur en verre soufflé"},
    {"name": "Chevaux de bois"},
    {"name": "مِصْبَاح مكتب"},
    {"name": "100% coton"},
)


@pytest.fixture(scope="module")
async def shop(house: House) -> Company:
    shop = await house.tenant()
    for fields in PRODUCTS:
        await product(shop, **fields)
    return shop


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("etagere", ["Étagère en chêne", "Table basse"]),
        ("ÉTAGÈRES", ["Étagère en chêne", "Table basse"]),
        ("e\u0301tag", ["Étagère en chêne", "Table basse"]),
        ("chene etag", ["Étagère en chêne"]),
        # Whole words of a name, then begun ones, then text.
        ("table", ["Table basse", "Tablette d'écolier", "Nappe", "Tabouret haut"]),
        ("tab", ["Table basse", "Tablette d'écolier", "Tabouret haut", "Nappe"]),
        ("l'ecolier", ["Tablette d'écolier"]),
        ("d’écol", ["Tablette d'écolier"]),
        ("coeur", ["Cœur en verre soufflé"]),
        ("cheval", ["Chevaux de bois"]),
        ("etg 100", ["Étagère en chêne"]),
        ("ETG-10", ["Étagère en chêne"]),
        ("مصباح", ["مِصْبَاح مكتب"]),
        ("100%", ["100% coton", "Étagère en chêne"]),
        # Only where nothing has the words, what is written alike.
        ("tabourte", ["Tabouret haut"]),
        ("etagerre", ["Étagère en chêne", "Table basse"]),
        ("tabuoret", ["Tabouret haut"]),
        ("chveaux en bois", ["Chevaux de bois"]),
        ("l'tagere du chene", ["Étagère en chêne"]),
        ("bouton 100", []),
        ("xyzzy", []),
        ("%", []),
        ("'", []),
        (":* | !", []),
    ],
)
async def test_what_is_typed_finds_what_is_meant(house: House, shop: Company, q: str, found: list[str]) -> None:
    listed = names(await house.visitor().get(f"/public/{shop.slug}/products", params={"q": q}))
    assert listed == found


async def test_pages_of_a_search_go_on_where_they_ended(house: House, shop: Company) -> None:
    path, nobody = f"/public/{shop.slug}/products", house.visitor()
    whole = names(await nobody.get(path, params={"q": "ta"}))
    assert len(whole) == 4
    for limit in (1, 2, 3):
        pages: list[str] = []
        cursor: str | None = None
        while cursor or not pages:
            query = {"q": "ta", "limit": limit, "count": True} | ({"cursor": cursor} if cursor else {})
            answer = await nobody.get(path, params=query)
            pages += names(answer)
            assert answer.json()["total"] == 4
            cursor = answer.json()["next_cursor"]
        assert pages == whole
    for offset in range(5):
        assert names(await nobody.get(path, params={"q": "ta", "offset": offset})) == whole[offset:]
    assert names(await nobody.get(path, params={"q": "ta", "sort": "-name"})) == sorted(whole, reverse=True)


async def test_filters_narrow_a_search_and_nothing_alike_fills_the_gap(house: House, shop: Company) -> None:
    path, nobody = f"/public/{shop.slug}/products", house.visitor()
    assert names(await nobody.get(path, params={"q": "table", "price_max": 10})) == []
    assert names(await nobody.get(path, params={"q": "tabourte", "price_max": 10})) == []


async def test_what_changes_is_found_by_what_it_is_now(house: House, shop: Company) -> None:
    path, nobody = f"/public/{shop.slug}/products", house.visitor()
    lamp = await product(shop, "Lampe", description="Vieux")
    await shop.admin.http.patch(f"/products/{lamp['id']}", json={"name": "Bougie", "description": "Neuf"})
    assert names(await nobody.get(path, params={"q": "lampe"})) == []
    assert names(await nobody.get(path, params={"q": "bougi"})) == ["Bougie"]
    assert names(await nobody.get(path, params={"q": "neufs"})) == ["Bougie"]


async def test_a_product_is_found_by_its_visible_variants(house: House, shop: Company) -> None:
    path, nobody, http = f"/public/{shop.slug}/products", house.visitor(), shop.admin.http
    sofa = await product(shop, "Canapé", sku="CAN-1")
    variants = f"/products/{sofa['id']}/variants"
    made = (await http.post(variants, json={"sku": "CAN-RG-7", "name": "Rouge"})).json()["variants"][0]
    for q in ("can rg 7", "CAN-RG", "canape rouge"):
        assert names(await nobody.get(path, params={"q": q})) == ["Canapé"], q
    await http.patch(f"{variants}/{made['id']}", json={"sku": "CAN-BLEU", "name": "Bleu"})
    for q, found in (("rg", []), ("rouge", []), ("can bleu", ["Canapé"])):
        assert names(await nobody.get(path, params={"q": q})) == found, q
    await http.patch(f"{variants}/{made['id']}", json={"visible": False})
    assert names(await nobody.get(path, params={"q": "can bleu"})) == []


async def test_the_search_sees_its_own_tenant_only(house: House, shop: Company) -> None:
    stranger = await house.tenant()
    await product(stranger, "Étagère volante")
    assert names(await house.visitor().get(f"/public/{stranger.slug}/products", params={"q": "etag"})) == [
        "Étagère volante"
    ]
    async with house.database.transaction() as session:
        assert await session.scalar(sa.text("SELECT count(*) FROM product_found")) == 0


async def test_misspelt_words_are_corrected_by_what_is_for_sale_here(house: House, shop: Company) -> None:
    own, path = await house.tenant(), "/public/{}/products"
    await product(own, "Tabouret", visible=False)
    await product(own, "Tabourin")
    nobody = house.visitor()
    # The hidden one is written as much alike, and comes first.
    assert names(await nobody.get(path.format(own.slug), params={"q": "tabouren"})) == ["Tabourin"]
    assert names(await nobody.get(path.format(own.slug), params={"q": "etagerre"})) == []
    answer = await nobody.get(path.format(own.slug), params={"q": "tabouren", "count": True, "limit": 1})
    assert (answer.json()["total"], answer.json()["next_cursor"]) == (1, None)
    async with house.database.transaction() as session:
        assert await session.scalar(sa.text("SELECT count(*) FROM product_word_found")) == 0


@pytest.mark.parametrize("word", ["x" * 45, "armoire2000", "uni"], ids=["too long", "with digits", "too short"])
async def test_words_that_are_never_corrected_are_found_as_they_are(house: House, word: str) -> None:
    own = await house.tenant()
    await product(own, f"Lampe {word}")
    found = await house.visitor().get(f"/public/{own.slug}/products", params={"q": f"lampe {word}"})
    assert names(found) == [f"Lampe {word}"]


@pytest.fixture(scope="module")
async def stocked(house: House, migrated_postgres: Postgres) -> UUID:
    """A tenant with so many products that an index is worth it."""
    tenant_id = UUID((await house.tenant()).admin.me["tenant"]["id"])
    await seed_products(house.database, tenant_id, 2_000)
    with psycopg.connect(migrated_postgres.owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE product")
    return tenant_id


@pytest.mark.parametrize("q", ["garantie", "de", "table"])
async def test_pages_of_common_words_go_on_too(house: House, stocked: UUID, q: str) -> None:
    wished = Wish(q, None, None, None, None, None, None, visible=True)
    async with house.database.transaction(stocked) as session:
        whole: list[UUID] = []
        cursor: str | None = None
        while cursor or not whole:
            found, cursor, total = await find_products(session, stocked, wished, Paging(75, cursor, None, count=True))
            whole += found
        assert len(whole) == len(set(whole)) == total
        for offset in (0, 40, 133):
            page = await find_products(session, stocked, wished, Paging(20, None, offset, count=False))
            assert page[0] == whole[offset : offset + 20]
        rows = (await session.execute(sa.text("SELECT id, name FROM product"))).all()
    named = {row.id: row.name for row in rows}
    ranked = [(0 if re.search(rf"\b{q}\b", named[each], re.IGNORECASE) else 1, named[each]) for each in whole]
    assert ranked == sorted(ranked)


@pytest.mark.parametrize(
    ("q", "index", "condition"),
    [
        # So many have these words that they are looked for in names first.
        ("de", "ix_product_found_in_name", "words_of_name @@"),
        ("1234", "ix_product_found_in_text", "words_of_text @@"),
        ("tbouret", "ix_product_found_in_text", "words_of_text @@"),
    ],
)
async def test_words_are_looked_up_in_an_index_in_spite_of_row_security(
    house: House, stocked: UUID, q: str, index: str, condition: str
) -> None:
    plans = "\n".join(await plans_of(house, stocked, q))
    assert index in plans, plans
    # Looked up by the words, not only by the tenant.
    assert re.search(rf"Index Cond: .*{re.escape(condition)}", plans), plans


async def plans_of(house: House, tenant_id: UUID, q: str) -> list[str]:
    """The plans of all statements of a search."""
    plans: list[str] = []
    async with house.database.transaction(tenant_id) as session:
        asked: Any = _Explaining(session, plans)
        wished = Wish(q, None, None, None, None, None, None, visible=True)
        await find_products(asked, tenant_id, wished, Paging(50, None, None, count=False))
    return plans


class _Explaining:
    """A session that has each statement explained before it is executed."""

    def __init__(self, session: AsyncSession, plans: list[str]) -> None:
        self._session, self._plans = session, plans

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        await self._explain(statement.params(parameters or {}))
        return await self._session.execute(statement, parameters)

    async def scalars(self, statement: Any, parameters: Any = None) -> Any:
        await self._explain(statement.params(parameters or {}))
        return await self._session.scalars(statement, parameters)

    async def scalar(self, statement: Any, parameters: Any = None) -> Any:
        await self._explain(statement.params(parameters or {}))
        return await self._session.scalar(statement, parameters)

    async def _explain(self, statement: Any) -> None:
        compiled = statement.compile(dialect=self._session.get_bind().dialect, compile_kwargs={"literal_binds": True})
        plain = str(compiled).replace("%%", "%").replace(":", "\\:")
        explained = await self._session.execute(sa.text(f"EXPLAIN {plain}"))
        self._plans += explained.scalars().all()
