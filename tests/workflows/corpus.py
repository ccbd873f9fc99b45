"""The replay corpus: one history for each scenario, recorded once and replayed by every later version of the code.

To record anew what is missing: CASEWRIGHT_RECORD_HISTORIES=1 pytest tests/workflows. A recorded history is never
overwritten: a change that breaks its replay needs `workflow.patched`.
"""

import os
import re
from pathlib import Path

from temporalio.client import WorkflowHistory

# A trace names the folders of the machine on which it was recorded; replay does not look at it.
_TRACE = re.compile(r'"stackTrace": "(?:[^"\\]|\\.)*"')

HISTORIES = Path(__file__).parents[1] / "histories"


async def keep(scenario: str, history: WorkflowHistory) -> None:
    """Adds a scenario's history to the corpus when asked to and absent."""
    path = HISTORIES / f"{scenario}.json"
    if os.environ.get("CASEWRIGHT_RECORD_HISTORIES") and not path.exists():
        path.write_text(_TRACE.sub('"stackTrace": ""', history.to_json()) + "\n")
