"""Rows that become objects of their model past the ORM.

To look a statement up among the compiled ones, to describe its result and to keep account of each object costs a worker
more than the way to the database and back.
"""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlmodel import SQLModel

from models.plain import DIALECT

M = TypeVar("M", bound=SQLModel)


class Objects(Generic[M]):
    """Makes objects of a model. They are in no session, which so neither writes nor refreshes them.

    `columns` are what a statement selects for one of them, in this order.
    """

    def __init__(self, model: type[M]) -> None:
        mapper: Any = sa.inspect(model)
        self.columns: tuple[sa.Column[Any], ...] = tuple(mapper.columns)
        self._names = tuple(mapper.columns.keys())
        read = {name: column.type.result_processor(DIALECT, None) for name, column in mapper.columns.items()}
        self._read = {name: processor for name, processor in read.items() if processor}
        self._new = mapper.class_manager.new_instance

    def of(self, values: Sequence[Any]) -> M:
        """The object whose columns have these values, as the driver returns them."""
        read = dict(zip(self._names, values, strict=True))
        for name, processor in self._read.items():
            read[name] = processor(read[name])
        made: M = self._new()
        # As the ORM does it: what was read is no change.
        vars(made).update(read)
        return made
