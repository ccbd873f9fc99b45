"""`Kind`: everything that the API, the worker and the tests must know about one kind of case, said once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter
from temporalio import workflow

from api.cases.reader import Cases
from api.identity.callers import Caller
from domain.cases import SYSTEM, CaseKind, Party
from workflows.parts.decisions import OPENS
from workflows.parts.lifecycle import Lifecycle, kind_of
from workflows.parts.messages import CaseStart

FileOwner = Callable[[Caller, UUID], sa.ColumnElement[bool]]
"""A condition on a file's id: whether the caller may see what the file is attached to."""


@dataclass(frozen=True)
class Kind:
    """A kind of case: its workflow, its aggregate with which the worker makes its activities, who reads its cases,
    the page that shows one (mails lead there), and who owns the files that come with them, if any do."""

    workflow: type[Lifecycle[Any, Any]]
    aggregate: Any
    cases: Cases[Any]
    shown_at: str
    files: FileOwner | None = None

    @property
    def kind(self) -> CaseKind:
        return kind_of(self.workflow)

    @property
    def workflow_type(self) -> str:
        """What the engine calls its workflow."""
        return str(workflow._Definition.must_from_class(self.workflow).name)

    @property
    def waits_for(self) -> Mapping[str, Party]:
        """Whom an open case of a status waits for, while no task of it is pending."""
        waits_for: Mapping[str, Party] = self.aggregate.state.waits_for
        return waits_for

    @cached_property
    def _messages(self) -> dict[str, type]:
        updates = workflow._Definition.must_from_class(self.workflow).updates
        return {str(name): update.arg_types[0] for name, update in updates.items() if update.arg_types}

    @cached_property
    def _opening(self) -> str | None:
        return next((name for name in self._messages if hasattr(getattr(self.workflow, name), OPENS)), None)

    @property
    def opening(self) -> str | None:
        """The kind of the command that opens a case, None where its row is there before any command."""
        return f"{self.kind}.{self._opening}" if self._opening else None

    @cached_property
    def _adapters(self) -> dict[str, TypeAdapter[Any]]:
        return {name: TypeAdapter(message) for name, message in self._messages.items()}

    def start(self, tenant_id: UUID, case_id: UUID, update: str) -> CaseStart[Any]:
        """What a run is started with when this command finds no open run of the case."""
        return CaseStart(tenant_id=tenant_id, case_id=case_id, new=update == self._opening)

    def check(self, update: str, arguments: dict[str, Any]) -> None:
        """Raises ValueError for a command or arguments that the workflow would not understand: a bug of the route."""
        if update not in self._messages:
            raise ValueError(f"{self.kind} has no command {update}")
        unknown = arguments.keys() - {field.name for field in fields(self._messages[update])}
        if unknown:
            raise ValueError(f"{self.kind}.{update} takes no {', '.join(sorted(unknown))}")
        envelope = {"id": UUID(int=0), "actor": SYSTEM, "correlation_id": ""}
        self._adapters[update].validate_python({**envelope, **arguments})
