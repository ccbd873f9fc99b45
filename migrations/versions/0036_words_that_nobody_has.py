"""words that nobody has"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

# As it was, and `misspelt`: whether there is a word that no product of the tenant has or begins with, so that nothing
# can be found by what was typed. Longer words than are kept may be of a product.
WORDS_MEANT = """
CREATE FUNCTION words_meant(q text, most integer, OUT whole text, OUT begun text{also})
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    WITH typed AS (
        SELECT place, left(word, 60) COLLATE "C" AS word, ts_lexize('pg_catalog.french_stem', word) AS stems
        FROM regexp_split_to_table(public.plain_text(q), ' ') WITH ORDINALITY AS split (word, place)
        WHERE word <> '' LIMIT 8
    ), asked AS (
        SELECT place, word, stems[1] AS stem FROM typed WHERE stems <> '{{}}'
    ), judged AS (
        SELECT place, word, {length} AND word !~ '[0-9]' AND NOT EXISTS (
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
    SELECT string_agg(whole, '&')::tsquery::text, string_agg(begun, '&')::tsquery::text{said} FROM each
    HAVING (bool_or(misspelt) OR count(*) < (SELECT count(*) FROM typed)) AND NOT bool_or(like_none)
$$
"""


def upgrade() -> None:
    _replace(also=", OUT misspelt boolean", length="length(word) BETWEEN 4 AND 40", said=", bool_or(misspelt)")


def downgrade() -> None:
    _replace(also="", length="length(word) > 3", said="")


def _replace(**parts: str) -> None:
    op.execute("DROP FUNCTION words_meant(text, integer)")
    op.execute(sa.text(WORDS_MEANT.format(**parts).replace(":", "\\:")))
