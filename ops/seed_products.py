"""Makes many products at once, to see how fast they are found."""

from uuid import UUID

import sqlalchemy as sa

from models.database import Database
from ops.trouble import Trouble
from stores import tenants

PRODUCTS_PER_TRANSACTION = 1_000

_THINGS = (
    *("table", "tablette", "tabouret", "chaise", "fauteuil", "étagère", "armoire", "bibliothèque", "canapé", "lit"),
    *("matelas", "bureau", "lampe", "abat-jour", "rideau", "tapis", "miroir", "commode", "buffet", "vaisselier"),
    *("théière", "cafetière", "assiette", "bol", "couteau", "fourchette", "cuillère", "poêle", "casserole", "évier"),
    *("robinet", "baignoire", "serviette", "peignoir", "oreiller", "couette", "bougie", "vase", "cadre", "horloge"),
    *("écran", "clavier", "souris", "câble", "chargeur", "téléphone", "imprimante", "enceinte", "casque", "caméra"),
)
_LIKE = (
    *("en chêne", "en hêtre", "en acier brossé", "en verre", "à rallonge", "pliant", "réglable", "d'angle", "léger"),
    *("résistant à l'eau", "d'occasion", "brodé", "fait main", "à roulettes", "extérieur", "d'hôtel", "pour enfant"),
)
_COLOURS = ("noir", "blanc cassé", "bleu pétrole", "gris foncé", "vert pâle", "doré", "naturel", "rosé", "écru", "brun")
_TEXT = (
    *("conçu pour durer", "livré monté", "garantie de deux ans", "pièces détachées disponibles", "entretien facile"),
    *("fabriqué à Alger", "bois certifié", "finition soignée", "idéal pour l'entrée", "modèle déposé", "série limitée"),
    *("sécurité contrôlée", "s'assemble sans outils", "convient aux collectivités", "coloris assorti à la théière"),
)

# One name in the series is drawn for each product: nothing but its number is told apart.
_PRODUCTS = sa.text("""
INSERT INTO product (id, tenant_id, sku, name, summary, description, unit_price, currency, tax_rate_bp, popularity,
    featured, visible, stock_tracked)
SELECT uuidv7(), :tenant_id, 'ART-' || n,
    initcap(left(drawn.thing, 1)) || substr(drawn.thing, 2) || ' ' || drawn.kind || ' ' || drawn.colour || ' ' || n,
    drawn.said, drawn.said || ', ' || drawn.more, 100 + abs(hashint4(n)::bigint) % 100000, 'DZD', 1900,
    abs(hashint4(n + 7)::bigint) % 10000, n % 50 = 0, n % 20 <> 0, false
FROM generate_series(CAST(:from_n AS int), CAST(:to_n AS int)) AS n,
LATERAL (SELECT
    (CAST(:things AS text[]))[1 + abs(hashint4(n)::bigint) % cardinality(CAST(:things AS text[]))] AS thing,
    (CAST(:like AS text[]))[1 + abs(hashint4(n + 1)::bigint) % cardinality(CAST(:like AS text[]))] AS kind,
    (CAST(:colours AS text[]))[1 + abs(hashint4(n + 2)::bigint) % cardinality(CAST(:colours AS text[]))] AS colour,
    (CAST(:texts AS text[]))[1 + abs(hashint4(n + 3)::bigint) % cardinality(CAST(:texts AS text[]))] AS said,
    (CAST(:texts AS text[]))[1 + abs(hashint4(n + 4)::bigint) % cardinality(CAST(:texts AS text[]))] AS more
) AS drawn
""")


async def tenant_named(database: Database, slug: str) -> UUID:
    """The tenant with this slug. Raises Trouble where there is none."""
    async with database.transaction() as session:
        tenant_id = await tenants.tenant_named(session, slug)
    if tenant_id is None:
        raise Trouble(f"There is no tenant {slug}.")
    return tenant_id


async def seed_products(database: Database, tenant_id: UUID, count: int) -> None:
    """Adds products to a tenant until it has so many."""
    async with database.transaction(tenant_id) as session:
        there = await session.scalar(sa.text("SELECT count(*) FROM product")) or 0
    for first in range(there + 1, count + 1, PRODUCTS_PER_TRANSACTION):
        last = min(first + PRODUCTS_PER_TRANSACTION - 1, count)
        async with database.transaction(tenant_id) as session:
            await session.execute(
                _PRODUCTS,
                {
                    "tenant_id": tenant_id,
                    "from_n": first,
                    "to_n": last,
                    "things": list(_THINGS),
                    "like": list(_LIKE),
                    "colours": list(_COLOURS),
                    "texts": list(_TEXT),
                },
            )
