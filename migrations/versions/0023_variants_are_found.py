"""variants are found"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

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
    {variants}
    NEW.words_of_name := public.words_of(NEW.name || ' ' || NEW.sku || ' ' || coalesce(skus, ''));
    NEW.words_of_text := NEW.words_of_name
        || public.words_of(concat_ws(' ', NEW.summary, NEW.description, names));
    NEW.plain_name := public.plain_text(NEW.name);
    RETURN NEW;
END $$
"""

OF_VARIANTS = """
    SELECT string_agg(variant.sku, ' '), string_agg(variant.name, ' ') INTO skus, names
    FROM public.product_variant AS variant WHERE variant.product_id = NEW.id AND variant.visible;
"""

# Its product's trigger gathers the words anew.
VARIANT_CHANGED = """
CREATE FUNCTION product_found_by_variants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.product SET sku = sku WHERE id = NEW.product_id;
    RETURN NULL;
END $$
"""


def found_by(variants: str) -> sa.TextClause:
    return sa.text(FOUND_BY.format(variants=variants).replace(":", "\\:"))


def find_anew() -> None:
    """The owner sees no tenant's rows while row security is forced."""
    for table in ("product", "product_variant"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE product SET sku = sku WHERE id IN (SELECT product_id FROM product_variant)")
    for table in ("product", "product_variant"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def upgrade() -> None:
    op.execute(found_by(OF_VARIANTS))
    op.execute(sa.text(VARIANT_CHANGED.replace(":", "\\:")))
    op.execute(
        "CREATE TRIGGER found_by AFTER INSERT OR UPDATE OF sku, name, visible ON product_variant "
        "FOR EACH ROW EXECUTE FUNCTION product_found_by_variants()"
    )
    find_anew()


def downgrade() -> None:
    op.execute("DROP TRIGGER found_by ON product_variant")
    op.execute("DROP FUNCTION product_found_by_variants()")
    op.execute(found_by(""))
    find_anew()
