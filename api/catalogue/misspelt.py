"""What somebody may have meant who typed words that no product has."""

from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

MOST_MEANT = 20
"""How many products are shown that do not have the words that were typed."""

_ALTERNATIVES = (1, 5)
"""How many words one that is misspelt may stand for: the one that is written most alike; then more, because that one
may be of a hidden product, or of one that is gone."""


_MEANT = sa.func.words_meant(sa.bindparam("plain", type_=sa.Text), sa.bindparam("most", type_=sa.Integer))
_CORRECTED = sa.select(*_MEANT.table_valued(sa.column("whole", sa.Text), sa.column("begun", sa.Text)).c)


async def corrections(session: AsyncSession, plain: str) -> AsyncIterator[tuple[str, str]]:
    """What was typed without articles and the like, and with its misspelt words corrected by the words of the tenant's
    products: as whole words and as begun ones. Nothing when that makes no difference, or a word is like none."""
    before = None
    for most in _ALTERNATIVES:
        whole, begun = (await session.execute(_CORRECTED, {"plain": plain, "most": most})).one()
        if whole is None or whole == before:
            return
        before = whole
        yield whole, begun
