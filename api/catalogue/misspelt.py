"""What somebody may have meant who typed words that no product has."""

from collections.abc import AsyncIterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

MOST_MEANT = 20
"""How many products are shown that do not have the words that were typed."""

_ALTERNATIVES = (1, 5)
"""How many words one that is misspelt may stand for: the one that is written most alike; then more, because that one
may be of a hidden product, or of one that is gone."""


def as_query(words: str | None) -> Any:
    """Words in the text of the statement, so that the planner sees how rare they are; None when there are none."""
    return sa.cast(sa.bindparam(None, words, sa.Text, literal_execute=True), TSQUERY) if words else None


async def corrections(session: AsyncSession, plain: str) -> AsyncIterator[tuple[Any, Any]]:
    """What was typed without articles and the like, and with its misspelt words corrected by the words of the tenant's
    products: as whole words and as begun ones. Nothing when that makes no difference, or a word is like none."""
    before = None
    for most in _ALTERNATIVES:
        meant = sa.func.words_meant(plain, most).table_valued(sa.column("whole", sa.Text), sa.column("begun", sa.Text))
        whole, begun = (await session.execute(sa.select(meant.c.whole, meant.c.begun))).one()
        if whole is None or whole == before:
            return
        before = whole
        yield as_query(whole), as_query(begun)
