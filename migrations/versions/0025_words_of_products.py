"""words of products"""

import sqlalchemy as sa
from alembic import op

from migrations.row_security import TENANT, grant, isolate_by_tenant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Whole words, without their stems. Numbers and very short words are not corrected: all of them are written alike.
WORDS_OF_ROW = """
    SELECT DISTINCT product.tenant_id, lexeme COLLATE "C" AS lexeme
    FROM {source}, unnest(tsvector_to_array(to_tsvector('public.casewright_words', public.plain_text(concat_ws(
        ' ', product.name, product.sku, product.summary, product.description, (
            SELECT string_agg(variant.sku || ' ' || variant.name, ' ') FROM public.product_variant AS variant
            WHERE variant.product_id = product.id AND variant.visible
        )
    ))))) AS lexeme
    WHERE lexeme !~ '[0-9]' AND length(lexeme) BETWEEN 4 AND 40
"""

# In the order of words, so that two who write the same new ones do not wait for each other.
WORDS_KEPT = f"""
CREATE FUNCTION product_words_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.product_word (tenant_id, word)
    {WORDS_OF_ROW.format(source="(SELECT NEW.*) AS product")}
        AND NOT EXISTS (
            SELECT FROM public.product_word AS known WHERE known.tenant_id = NEW.tenant_id AND known.word = lexeme
        )
    ORDER BY lexeme
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""  # noqa: S608  nothing of a request is in the text

# As the search for products, through a view of the owner: row-level security lets no index on what is written alike be
# used.
FOUND = f"""
CREATE VIEW product_word_found AS SELECT word FROM product_word WHERE tenant_id = {TENANT}
"""  # noqa: S608  nothing of a request is in the text

# What may be meant by words that no product has together: those that say nothing by themselves, such as the article of
# "l'armoire", are left out, and for each that no product has or begins with stand the `most` words that are written
# most alike, any of which will do. Null when that changes nothing, and when a word is like none.
WORDS_MEANT = """
CREATE FUNCTION words_meant(q text, most integer, OUT whole text, OUT begun text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    WITH typed AS (
        SELECT place, left(word, 60) COLLATE "C" AS word, ts_lexize('pg_catalog.french_stem', word) AS stems
        FROM regexp_split_to_table(public.plain_text(q), ' ') WITH ORDINALITY AS split (word, place)
        WHERE word <> '' LIMIT 8
    ), asked AS (
        SELECT place, word, stems[1] AS stem FROM typed WHERE stems <> '{}'
    ), judged AS (
        SELECT place, word, length(word) > 3 AND word !~ '[0-9]' AND NOT EXISTS (
            SELECT FROM public.product_word_found AS known
            WHERE known.word >= asked.word AND known.word < asked.word || U&'\\+10FFFF'
        ) AND NOT EXISTS (
            SELECT FROM public.product_word_found AS known
            WHERE known.word >= stem AND known.word < stem || U&'\\+10FFFF'
                AND (ts_lexize('pg_catalog.french_stem', known.word))[1] = stem
        ) AS misspelt FROM asked
    ), meant AS (
        SELECT place, misspelt, coalesce(alike.word, judged.word) AS word, alike.word IS NULL AND misspelt AS like_none
        FROM judged LEFT JOIN LATERAL (
            SELECT found.word FROM public.product_word_found AS found
            WHERE misspelt AND found.word OPERATOR(public.%) judged.word
            ORDER BY public.similarity(found.word, judged.word) DESC, found.word
            LIMIT most
        ) AS alike ON true
    ), each AS (
        SELECT bool_or(misspelt) AS misspelt, bool_or(like_none) AS like_none,
            '(' || string_agg(public.words_wanted(word, false)::text, '|') || ')' AS whole,
            '(' || string_agg(public.words_wanted(word, true)::text, '|') || ')' AS begun
        FROM meant GROUP BY place
    )
    SELECT string_agg(whole, '&')::tsquery::text, string_agg(begun, '&')::tsquery::text FROM each
    HAVING (bool_or(misspelt) OR count(*) < (SELECT count(*) FROM typed)) AND NOT bool_or(like_none)
$$
"""

# What `product_found` shows, and the trigger that writes what products are found by, with and without the names that
# whole searches were compared with.
FOUND_PRODUCTS = f"""
CREATE VIEW product_found AS
    SELECT id, sku, name, kind, category_id, unit_price, sale_price, sale_from, sale_until, currency, stock_tracked,
        featured, visible, popularity, created_at, words_of_name, words_of_text{{plain_name}}
    FROM product WHERE tenant_id = {TENANT}
"""  # noqa: S608  nothing of a request is in the text

FOUND_BY = """
CREATE OR REPLACE FUNCTION product_found_by() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    skus text;
    names text;
BEGIN
    IF NEW.slug IS NULL THEN
        NEW.slug := coalesce(nullif(left(replace(public.plain_text(NEW.name), ' ', '-'), 80), ''), 'product');
        IF NEW.slug IN ('compare', 'statistics')
            OR EXISTS (SELECT FROM product WHERE tenant_id = NEW.tenant_id AND slug = NEW.slug AND id <> NEW.id)
        THEN
            NEW.slug := NEW.slug || '-' || right(NEW.id::text, 12);
        END IF;
    END IF;
    SELECT string_agg(variant.sku, ' '), string_agg(variant.name, ' ') INTO skus, names
    FROM public.product_variant AS variant WHERE variant.product_id = NEW.id AND variant.visible;
    NEW.words_of_name := public.words_of(NEW.name || ' ' || NEW.sku || ' ' || coalesce(skus, ''));
    NEW.words_of_text := NEW.words_of_name
        || public.words_of(concat_ws(' ', NEW.summary, NEW.description, names));
    {plain_name}
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute("DROP VIEW product_found")
    _execute(FOUND_BY.format(plain_name=""))
    op.drop_index("ix_product_found_alike", "product")
    op.drop_column("product", "plain_name")
    _execute(FOUND_PRODUCTS.format(plain_name=""))
    grant("product_found", "SELECT")
    _keep_words()


def _keep_words() -> None:
    op.create_table(
        "product_word",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_product_word_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "word", name=op.f("pk_product_word")),
    )
    # Before row security, which would keep the owner from writing for any tenant; variants are behind it already.
    op.execute("ALTER TABLE product_variant NO FORCE ROW LEVEL SECURITY")
    _execute(f"INSERT INTO product_word (tenant_id, word) {WORDS_OF_ROW.format(source='product')}")
    op.execute("ALTER TABLE product_variant FORCE ROW LEVEL SECURITY")
    op.create_index(
        "ix_product_word_alike",
        "product_word",
        ["tenant_id", "word"],
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
    )
    isolate_by_tenant("product_word", append_only=True)
    op.execute(FOUND)
    op.execute("CREATE POLICY owner_finds ON product_word FOR SELECT TO CURRENT_USER USING (true)")
    grant("product_word_found", "SELECT")
    for statement in (WORDS_KEPT, WORDS_MEANT):
        _execute(statement)
    op.execute(
        "CREATE TRIGGER words_kept AFTER INSERT OR UPDATE OF slug, name, sku, summary, description ON product "
        "FOR EACH ROW EXECUTE FUNCTION product_words_kept()"
    )


def _execute(statement: str) -> None:
    op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    op.execute("DROP TRIGGER words_kept ON product")
    op.execute("DROP FUNCTION product_words_kept()")
    op.execute("DROP FUNCTION words_meant(text, integer)")
    op.execute("DROP VIEW product_word_found")
    op.drop_table("product_word")
    op.execute("DROP VIEW product_found")
    op.add_column("product", sa.Column("plain_name", sa.Text(), server_default="", nullable=False))
    _execute(FOUND_BY.format(plain_name="NEW.plain_name := public.plain_text(NEW.name);"))
    # The owner sees no tenant's rows while row security is forced.
    op.execute("ALTER TABLE product NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE product SET plain_name = plain_text(name)")
    op.execute("ALTER TABLE product FORCE ROW LEVEL SECURITY")
    op.create_index(
        "ix_product_found_alike",
        "product",
        ["tenant_id", "plain_name"],
        postgresql_using="gin",
        postgresql_ops={"plain_name": "gin_trgm_ops"},
    )
    _execute(FOUND_PRODUCTS.format(plain_name=", plain_name"))
    grant("product_found", "SELECT")
