"""Looking for words in columns."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col


def contains(column: Any, words: str) -> sa.ColumnElement[bool]:
    """Whether the column has these words in it, capital or small; none of their characters is a wildcard."""
    literal = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found: sa.ColumnElement[bool] = col(column).ilike(f"%{literal}%")
    return found
