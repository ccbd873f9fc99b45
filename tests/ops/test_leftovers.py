import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ops.leftovers import end_leftovers, forget, remember

_SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
_DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(_SLEEP) as process:
        yield process
        process.kill()


def test_what_was_left_over_is_ended_and_forgotten(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    remember(tmp_path / "api.json", sleeper.pid, signal.SIGTERM)
    assert end_leftovers(tmp_path) == ["api"]
    assert not psutil.pid_exists(sleeper.pid)
    assert list(tmp_path.iterdir()) == []


def test_another_process_with_the_same_id_is_left_alone(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    record = tmp_path / "api.json"
    remember(record, sleeper.pid, signal.SIGTERM)
    kept = json.loads(record.read_text())
    record.write_text(json.dumps({**kept, "created": kept["created"] - 60}))
    assert end_leftovers(tmp_path) == []
    assert sleeper.poll() is None


def test_one_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.leftovers._PATIENCE_SECONDS", 0.2)
    with subprocess.Popen(_DEAF, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        remember(tmp_path / "worker.json", process.pid, signal.SIGTERM)
        end_leftovers(tmp_path)
        assert not psutil.pid_exists(process.pid)


@pytest.mark.parametrize("record", ["", "null", "{}", '{"pid": "x"}', '{"pid": 1, "created": 0, "stop_signal": 15}'])
def test_a_record_that_says_nothing_ends_nothing(tmp_path: Path, record: str) -> None:
    (tmp_path / "api.json").write_text(record)
    assert end_leftovers(tmp_path) == []


def test_a_process_that_has_gone_is_not_remembered(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not psutil.pid_exists(gone.pid)
    remember(tmp_path / "seed.json", gone.pid, signal.SIGTERM)
    forget(tmp_path / "seed.json")
    assert list(tmp_path.iterdir()) == []
