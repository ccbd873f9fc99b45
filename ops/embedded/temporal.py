"""The embedded Temporal: the development server with a file database, tuned for latency."""

import json
import sysconfig
from pathlib import Path

from ops.process import Command

# By default the server looks for new tasks 20 times a second, which makes every workflow task take 50 ms.
DYNAMIC_CONFIG = {
    "history.transferProcessorMaxPollRPS": 1000,
    "history.timerProcessorMaxPollRPS": 1000,
    "history.visibilityProcessorMaxPollRPS": 1000,
    # By default a timer may fire up to a second late.
    "history.timerProcessorMaxTimeShift": "50ms",
    "matching.numTaskqueueReadPartitions": 1,
    "matching.numTaskqueueWritePartitions": 1,
    # Allows `casewright fast-forward` to move one case's clock.
    "frontend.WorkflowTimeSkippingEnabled": True,
}
# A write in the log survives the end of the process by kill -9 without waiting for the disk at each transaction.
_PRAGMAS = {"journal_mode": "WAL", "synchronous": "NORMAL"}

# By Go's own measure, which is 100, a tenth of its time goes into looking for garbage. This takes 150 MB more, until
# the limit: from there on it looks as often as it must.
_GARBAGE = {"GOGC": "400", "GOMEMLIMIT": "1GiB"}


def command(home: Path, port: int, ui_port: int, namespace: str, search_attributes: dict[str, str]) -> Command:
    """How to run the server of `home` with its UI, `namespace` and `search_attributes` (name to type) in it."""
    return Command(
        argv=[
            str(Path(sysconfig.get_path("scripts")) / "temporal"),
            *("server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), "--ui-port", str(ui_port)),
            *("--db-filename", str(home / "temporal.db"), "--namespace", namespace, "--log-level", "error"),
            *("--ui-disable-news-fetch", "--disable-config-file", "--disable-config-env"),
            *_repeated("--search-attribute", search_attributes),
            *_repeated("--sqlite-pragma", _PRAGMAS),
            *_repeated("--dynamic-config-value", {key: json.dumps(value) for key, value in DYNAMIC_CONFIG.items()}),
        ],
        environment={"PATH": "/usr/bin:/bin", "HOME": str(home), **_GARBAGE},
    )


def _repeated(flag: str, values: dict[str, str]) -> list[str]:
    return [word for name, value in values.items() for word in (flag, f"{name}={value}")]
