"""What somebody may have meant who typed words that no product has."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

MOST_MEANT = 20
"""How many products are shown that do not have the words that were typed."""

ONE, SEVERAL = 1, 5
"""How many words one that is misspelt may stand for: the one that is written most alike; then more, because that one
may be of a hidden product, or of one that is gone."""


@dataclass(frozen=True)
class Meant:
    """What was typed without articles and the like, and with its misspelt words corrected by the words of the tenant's
    products: as whole words and as begun ones. `misspelt` says that a word was, so that no product has what was
    typed."""

    whole: str
    begun: str
    misspelt: bool


def meant_by(plain: Any, most: Any) -> sa.TableValuedAlias:
    """The row of what is meant by plain text, as a part of a query: empty columns when that makes no difference, or a
    word is like none."""
    columns = (sa.column("whole", sa.Text), sa.column("begun", sa.Text), sa.column("misspelt", sa.Boolean))
    return sa.func.words_meant(plain, most).table_valued(*columns, name="meant")


_CORRECTED = sa.select(
    *meant_by(sa.bindparam("plain", type_=sa.Text), sa.bindparam("most", type_=sa.Integer, value=SEVERAL)).c
)


async def with_more(session: AsyncSession, plain: str, before: Meant) -> Meant | None:
    """As `before`, by several words for each that is misspelt; None when that makes no difference."""
    row = (await session.execute(_CORRECTED, {"plain": plain})).one()
    return Meant(*row) if row.whole is not None and row.whole != before.whole else None
