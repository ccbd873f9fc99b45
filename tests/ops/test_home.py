import subprocess
import sys
from pathlib import Path

import pytest

from ops.home import AlreadyRunning, Home

_HOLD_AND_DIE = """
import os, signal, sys
from pathlib import Path
from ops.home import Home
with Home(Path(sys.argv[1])).lock():
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


def test_a_second_supervisor_is_told_of_the_first(home: Home) -> None:
    with home.lock(), pytest.raises(AlreadyRunning, match="CASEWRIGHT_HOME"), Home(home.path).lock():
        pass
    with home.lock():
        pass


def test_the_lock_of_one_that_was_killed_blocks_nobody(home: Home) -> None:
    subprocess.run([sys.executable, "-c", _HOLD_AND_DIE, str(home.path)], check=False)
    assert (home.run / "lock").read_text()
    with home.lock():
        pass


def test_only_long_logs_are_put_aside(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.home._ROTATE_ABOVE_BYTES", 10)
    (home.logs / "api.log").write_text("a long story")
    (home.logs / "worker.log").write_text("short")
    home.rotate_logs()
    assert sorted(path.name for path in home.logs.iterdir()) == ["api.log.1", "worker.log"]
