"""The replay corpus: one history for each scenario, recorded once on the real server, replayed by all later code.

To record what is missing: `make histories`, which plays all scenarios. A recorded history is never written over: a
change that breaks its replay is made by another way, see docs/changing-a-workflow.md.
"""

import json
import os
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowRunner

from api.registry import KINDS
from runtime.client import DATA_CONVERTER
from workers.working import LONG_WORKFLOWS, SHORT_WORKFLOWS

HISTORIES = Path(__file__).parents[1] / "histories"

# Tells on which machine the history was recorded; replay does not read it.
_OF_THE_MACHINE = frozenset({"identity", "stackTrace", "workerIdentity", "binaryChecksum"})


def keep(scenario: str, history: WorkflowHistory) -> None:
    """Adds a scenario's history to the corpus when asked to and absent."""
    path = HISTORIES / f"{scenario}.json"
    if os.environ.get("CASEWRIGHT_RECORD_HISTORIES") and not path.exists():
        path.write_text(json.dumps(_without_machine(json.loads(history.to_json())), separators=(",", ":")) + "\n")


async def replay(
    *histories: WorkflowHistory,
    changed: type | None = None,
    runner: WorkflowRunner | None = None,
    discreet: bool = True,
) -> None:
    """Replays histories as production does, or by `runner`; by a `changed` workflow instead of that of its name.

    Raises what the replay does when the code would have decided otherwise.
    """
    of_cases = (entry.workflow for entry in KINDS.values())
    workflows = {_name(each): each for each in (*of_cases, *SHORT_WORKFLOWS, *LONG_WORKFLOWS)}
    if changed:
        workflows[_name(changed)] = changed
    replayer = Replayer(
        workflows=[workflows[name] for name in sorted(set(map(type_of, histories)))],
        data_converter=DATA_CONVERTER,
        workflow_runner=runner or UnsandboxedWorkflowRunner(),
        # Else a machine that is busy for two seconds would count as a deadlock.
        debug_mode=True,
    )
    await replayer.replay_workflows(_each(histories))
    if discreet:
        for history in histories:
            assert not any(b"Canary" in event.SerializeToString() for event in history.events), history.workflow_id


def type_of(history: WorkflowHistory) -> str:
    """The name of the workflow whose history it is."""
    return history.events[0].workflow_execution_started_event_attributes.workflow_type.name


async def _each(histories: Iterable[WorkflowHistory]) -> AsyncIterator[WorkflowHistory]:
    for history in histories:
        yield history


def _name(workflow: type) -> str:
    name: str = workflow.__temporal_workflow_definition.name  # type: ignore[attr-defined]
    return name


def _without_machine(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        if value.get("kind") == "TASK_QUEUE_KIND_STICKY":
            value = {**value, "name": "sticky"}
        return {name: _without_machine(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_machine(inner) for inner in value]
    return "worker" if key in _OF_THE_MACHINE else value
