"""Looking for words in columns."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

LETTERS_OF_AN_INDEX = 3
"""Fewer letters in a row say nothing to an index on letters (pg_trgm)."""


def contains(column: Any, words: str) -> sa.ColumnElement[bool]:
    """Whether the column has these words in it, capital or small; none of their characters is a wildcard."""
    found: sa.ColumnElement[bool] = col(column).ilike(pattern_of(words))
    return found


def pattern_of(words: str) -> str:
    """The pattern of what has these words in it."""
    literal = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literal}%"
