"""Statements in plain SQL, made once, for what nearly every request needs.

To build a statement, to look it up among the compiled ones and to make objects of its rows costs a process several
times what it costs to send it and to read the answer.
"""

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from models.round_trips import Statement

DIALECT: sa.Dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]


class Plain:
    """A statement whose `sa.bindparam`s are given anew each time; where it is an INSERT without values, the columns
    that are written."""

    def __init__(self, statement: sa.ClauseElement, columns: tuple[str, ...] | None = None) -> None:
        compiled: Any = statement.compile(dialect=DIALECT, column_keys=columns)
        binds = {name: compiled.binds[name] for name in compiled.params}
        single = {name: bind.type.dialect_impl(DIALECT) for name, bind in binds.items() if not bind.expanding}
        # The values of a list that stands in it become parameters of their own.
        whole = compiled.construct_expanded_state(compiled.params)
        self._sql: str = whole.statement
        self._said = {
            name: value
            for name, value in whole.parameters.items()
            if value is not None and (name in single or name not in binds)
        }
        found = {name: kind.bind_processor(DIALECT) for name, kind in single.items()} | whole.processors
        self._in_sql = {name: processor for name, processor in found.items() if processor}

    def __call__(self, **parameters: Any) -> Statement:
        """The statement with these parameters, for `Database.in_one_go`."""
        values = self._said | parameters
        for name, in_sql in self._in_sql.items():
            values[name] = in_sql(values[name])
        return self._sql, values


def insert_of(row: SQLModel) -> Statement:
    """Writes a row; what it leaves open is the database's to fill."""
    values = row.model_dump(exclude_none=True)
    return _insert(type(row), tuple(values))(**values)


@cache
def _insert(model: type[SQLModel], columns: tuple[str, ...]) -> Plain:
    return Plain(sa.insert(model), columns)
