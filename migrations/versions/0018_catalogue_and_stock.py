"""catalogue and stock"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.row_security import TENANT, grant, grant_permissions, isolate_by_tenant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PERMISSIONS = {
    "reviewer": ("catalogue:read_all", "stock:read"),
    **dict.fromkeys(("agent", "manager", "admin"), ("catalogue:read_all", "stock:read", "stock:write")),
}

EXTENSIONS = ("unaccent", "pg_trgm", "btree_gin")

# Letters without their accents and marks, in small ones, with nothing but single spaces between words.
PLAIN_TEXT = r"""
CREATE FUNCTION plain_text(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(lower(public.unaccent('public.unaccent',
        regexp_replace(normalize($1, NFKD), '[\u0300-\u036f\u0640\u064b-\u0655]', '', 'g'))),
        '[^[:alnum:]]+', ' ', 'g'))
$$
"""

# Words as they are written, and their French stems: the first for what is half typed, the second for plurals.
WORDS_OF = """
CREATE FUNCTION words_of(text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT strip(to_tsvector('public.casewright_words', public.plain_text($1))
        || to_tsvector('public.casewright_stems', public.plain_text($1)))
$$
"""

# One letter alone begins so many words that it is looked for as a word only.
WORDS_WANTED = """
CREATE FUNCTION words_wanted(q text, begun boolean) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT string_agg(
        '(''' || word || '''' || CASE WHEN begun AND length(word) > 1 THEN ':*' ELSE '' END
            || coalesce('|''' || (ts_lexize('pg_catalog.french_stem', word))[1] || '''', '') || ')', '&')::tsquery
    FROM (
        SELECT left(word, 60) AS word FROM regexp_split_to_table(public.plain_text(q), ' ') AS word
        WHERE word <> '' LIMIT 8
    ) AS words
$$
"""

FOUND_BY = """
CREATE FUNCTION product_found_by() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.slug IS NULL THEN
        NEW.slug := coalesce(nullif(left(replace(public.plain_text(NEW.name), ' ', '-'), 80), ''), 'product');
        IF NEW.slug IN ('compare', 'statistics')
            OR EXISTS (SELECT FROM product WHERE tenant_id = NEW.tenant_id AND slug = NEW.slug AND id <> NEW.id)
        THEN
            NEW.slug := NEW.slug || '-' || right(NEW.id::text, 12);
        END IF;
    END IF;
    NEW.words_of_name := public.words_of(NEW.name || ' ' || NEW.sku);
    NEW.words_of_text := NEW.words_of_name
        || public.words_of(coalesce(NEW.summary, '') || ' ' || coalesce(NEW.description, ''));
    NEW.plain_name := public.plain_text(NEW.name);
    RETURN NEW;
END $$
"""

# Row-level security lets no index on words be used, because their operators might tell something of rows that are not
# to be seen. So the search goes through a view of the owner, who may read all products, and the view itself keeps to
# the tenant.
FOUND = f"""
CREATE VIEW product_found AS
    SELECT id, sku, name, kind, category_id, unit_price, sale_price, sale_from, sale_until, currency, stock_tracked,
        featured, visible, popularity, created_at, words_of_name, words_of_text, plain_name
    FROM product WHERE tenant_id = {TENANT}
"""  # noqa: S608  nothing of a request is in the text


def enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def number(name: str, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default=default, nullable=default is None and name.endswith("level"))


def moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def flag(name: str, default: str = "false") -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text(default), nullable=False)


def table(name: str, *items: sa.schema.SchemaItem) -> None:
    """A table of tenants' rows."""
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        *items,
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{name}_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    isolate_by_tenant(name)


def unique(of: str, *columns: str, **options: object) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{of}_{'_'.join(columns)}"), **options)


def check(of: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{of}_{name}"))


def refers(of: str, columns: Sequence[str], to: str) -> sa.ForeignKeyConstraint:
    """Within the tenant where `columns` begin with it."""
    theirs = [f"{to}.{'tenant_id' if column == 'tenant_id' else 'id'}" for column in columns]
    return sa.ForeignKeyConstraint(list(columns), theirs, name=op.f(f"fk_{of}_{'_'.join(columns)}"))


def upgrade() -> None:
    for extension in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    _categories_and_products()
    _variants_and_files()
    _search()
    _stock()
    grant_permissions(PERMISSIONS)


def _categories_and_products() -> None:
    table(
        "product_category",
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        text("slug", 80),
        text("name", 100),
        number("position", "0"),
        unique("product_category", "tenant_id", "id"),
        unique("product_category", "tenant_id", "slug"),
        check("product_category", "not_its_own_parent", "parent_id <> id"),
        refers("product_category", ["tenant_id", "parent_id"], "product_category"),
    )
    for column in (
        text("slug", 120, nullable=True),
        text("summary", 500, nullable=True),
        sa.Column(
            "kind",
            enum("productkind", "goods", "service", "subscription"),
            server_default="goods",
            nullable=False,
        ),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("sale_price", sa.BigInteger(), nullable=True),
        moment("sale_from"),
        moment("sale_until"),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        flag("stock_tracked"),
        number("low_stock_level"),
        sa.Column("out_of_stock", enum("outofstock", "refuse", "backorder"), server_default="refuse", nullable=False),
        flag("featured"),
        sa.Column("specifications", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("video_urls", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("popularity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("words_of_name", postgresql.TSVECTOR(), server_default="", nullable=False),
        sa.Column("words_of_text", postgresql.TSVECTOR(), server_default="", nullable=False),
        sa.Column("plain_name", sa.Text(), server_default="", nullable=False),
    ):
        op.add_column("product", column)
    op.create_foreign_key(
        op.f("fk_product_tenant_id_category_id"),
        "product",
        "product_category",
        ["tenant_id", "category_id"],
        ["tenant_id", "id"],
    )
    for name, condition in (
        ("sale_price_not_negative", "sale_price >= 0"),
        ("sale_begins_before_it_ends", "sale_from < sale_until"),
        ("only_goods_have_stock", "NOT stock_tracked OR kind = 'goods'"),
    ):
        op.create_check_constraint(op.f(f"ck_product_{name}"), "product", condition)
    for columns in (("created_at",), ("unit_price",), ("popularity",), ("category_id", "name")):
        op.create_index(op.f(f"ix_product_tenant_id_{'_'.join(columns)}_id"), "product", ["tenant_id", *columns, "id"])
    op.create_index("ix_product_on_sale", "product", ["tenant_id"], postgresql_where=sa.text("sale_price IS NOT NULL"))


def _variants_and_files() -> None:
    table(
        "product_variant",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        number("position"),
        text("sku", 60),
        text("name", 200),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        flag("own_stock"),
        flag("visible", "true"),
        unique("product_variant", "tenant_id", "id"),
        unique("product_variant", "tenant_id", "sku"),
        unique("product_variant", "product_id", "position"),
        check("product_variant", "price_not_negative", "unit_price >= 0"),
        refers("product_variant", ["tenant_id", "product_id"], "product"),
    )
    table(
        "product_file",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("role", enum("filerole", "image", "document"), nullable=False),
        number("position"),
        unique("product_file", "file_id"),
        unique("product_file", "product_id", "role", "position"),
        refers("product_file", ["tenant_id", "product_id"], "product"),
        refers("product_file", ["tenant_id", "file_id"], "file"),
    )


def _search() -> None:
    for configuration, copied, dictionary in (
        ("casewright_words", "simple", "simple"),
        ("casewright_stems", "french", "french_stem"),
    ):
        op.execute(f"CREATE TEXT SEARCH CONFIGURATION {configuration} (COPY = pg_catalog.{copied})")
        op.execute(
            f"ALTER TEXT SEARCH CONFIGURATION {configuration} ALTER MAPPING FOR hword, hword_part, word "
            f"WITH unaccent, {dictionary}"
        )
    for statement in (PLAIN_TEXT, WORDS_OF, WORDS_WANTED, FOUND_BY):
        op.execute(sa.text(statement.replace(":", "\\:")))
    op.execute(
        "CREATE TRIGGER found_by BEFORE INSERT OR UPDATE OF slug, name, sku, summary, description ON product "
        "FOR EACH ROW EXECUTE FUNCTION product_found_by()"
    )
    # The owner sees no tenant's rows while row security is forced.
    op.execute("ALTER TABLE product NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE product SET name = name")
    op.execute("ALTER TABLE product FORCE ROW LEVEL SECURITY")
    op.alter_column("product", "slug", nullable=False)
    op.create_unique_constraint(op.f("uq_product_tenant_id_slug"), "product", ["tenant_id", "slug"])
    for index, column, operators in (
        ("in_name", "words_of_name", {}),
        ("in_text", "words_of_text", {}),
        ("alike", "plain_name", {"plain_name": "gin_trgm_ops"}),
    ):
        op.create_index(
            f"ix_product_found_{index}",
            "product",
            ["tenant_id", column],
            postgresql_using="gin",
            postgresql_ops=operators,
        )
    op.execute(FOUND)
    op.execute("CREATE POLICY owner_finds ON product FOR SELECT TO CURRENT_USER USING (true)")
    grant("product_found", "SELECT")


def _stock() -> None:
    table(
        "stock",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=True),
        *(number(name, "0") for name in ("on_hand", "reserved", "waiting", "movements", "claims")),
        unique("stock", "tenant_id", "id"),
        unique("stock", "tenant_id", "product_id", "variant_id", postgresql_nulls_not_distinct=True),
        check("stock", "reserved_not_negative", "reserved >= 0"),
        check("stock", "available_not_negative", "on_hand >= reserved"),
        check("stock", "waiting_not_negative", "waiting >= 0"),
        refers("stock", ["tenant_id", "product_id"], "product"),
        refers("stock", ["tenant_id", "variant_id"], "product_variant"),
    )
    table(
        "stock_claim",
        sa.Column("stock_id", sa.Uuid(), nullable=False),
        text("case_kind", 40),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        number("turn"),
        number("quantity"),
        sa.Column("status", enum("claimstatus", "waiting", "reserved", "shipped", "released"), nullable=False),
        moment("claimed_at", nullable=False),
        unique("stock_claim", "tenant_id", "id"),
        unique("stock_claim", "tenant_id", "line_id"),
        unique("stock_claim", "stock_id", "turn"),
        check("stock_claim", "of_something", "quantity > 0"),
        refers("stock_claim", ["tenant_id", "stock_id"], "stock"),
    )
    op.create_index(op.f("ix_stock_claim_tenant_id_case_id"), "stock_claim", ["tenant_id", "case_id"])
    op.create_index(
        "ix_stock_claim_waiting",
        "stock_claim",
        ["stock_id", "turn"],
        postgresql_where=sa.text("status = 'waiting'"),
    )
    table(
        "stock_movement",
        sa.Column("stock_id", sa.Uuid(), nullable=False),
        number("place"),
        sa.Column(
            "kind",
            enum("movementkind", "received", "corrected", "reserved", "released", "shipped", "taken_back"),
            nullable=False,
        ),
        number("on_hand_change"),
        number("reserved_change"),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        text("case_kind", 40, nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        moment("at", nullable=False),
        unique("stock_movement", "stock_id", "place"),
        check("stock_movement", "moves_something", "on_hand_change <> 0 OR reserved_change <> 0"),
        refers("stock_movement", ["tenant_id", "stock_id"], "stock"),
        refers("stock_movement", ["actor_id"], "account"),
    )
    op.create_index(
        op.f("ix_stock_movement_tenant_id_case_id"),
        "stock_movement",
        ["tenant_id", "case_id"],
        postgresql_where=sa.text("case_id IS NOT NULL"),
    )
    op.execute("REVOKE UPDATE, DELETE ON stock_movement FROM casewright_app")
    op.execute("REVOKE DELETE ON stock, stock_claim FROM casewright_app")


def downgrade() -> None:
    grant_permissions(PERMISSIONS, take_back=True)
    for name in ("stock_movement", "stock_claim", "stock", "product_file", "product_variant"):
        op.drop_table(name)
    op.execute("DROP VIEW product_found")
    op.execute("DROP POLICY owner_finds ON product")
    op.execute("DROP TRIGGER found_by ON product")
    for column in (
        *("slug", "summary", "kind", "category_id", "sale_price", "sale_from", "sale_until", "cost", "stock_tracked"),
        *("low_stock_level", "out_of_stock", "featured", "specifications", "video_urls", "popularity"),
        *("words_of_name", "words_of_text", "plain_name"),
    ):
        op.drop_column("product", column)
    op.drop_index("ix_product_tenant_id_created_at_id", "product")
    op.drop_index("ix_product_tenant_id_unit_price_id", "product")
    op.drop_table("product_category")
    for function in ("product_found_by()", "words_wanted(text, boolean)", "words_of(text)", "plain_text(text)"):
        op.execute(f"DROP FUNCTION {function}")
    for configuration in ("casewright_words", "casewright_stems"):
        op.execute(f"DROP TEXT SEARCH CONFIGURATION {configuration}")
