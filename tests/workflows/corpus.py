"""The replay corpus: one history for each scenario, recorded once and replayed by every later version of the code.

To record anew what is missing: CASEWRIGHT_RECORD_HISTORIES=1 pytest tests/workflows. A recorded history is never
overwritten: a change that breaks its replay needs `workflow.patched`.
"""

import os
from pathlib import Path

from temporalio.client import WorkflowHistory

HISTORIES = Path(__file__).parents[1] / "histories"


async def keep(scenario: str, history: WorkflowHistory) -> None:
    """Adds a scenario's history to the corpus when asked to and absent."""
    path = HISTORIES / f"{scenario}.json"
    if os.environ.get("CASEWRIGHT_RECORD_HISTORIES") and not path.exists():
        path.write_text(history.to_json() + "\n")
