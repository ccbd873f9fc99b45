import subprocess
import sys
from pathlib import Path

import pytest

from ops.home import AlreadyRunning, Home, UnusableHome

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


def test_only_long_logs_are_put_aside_and_who_writes_goes_on(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.home._ROTATE_ABOVE_BYTES", 10)
    (home.logs / "worker.log").write_text("short")
    with (home.logs / "api.log").open("ab", buffering=0) as written:
        written.write(b"a long story")
        home.rotate_logs()
        written.write(b"goes on")
    assert {path.name: path.read_text() for path in home.logs.iterdir()} == {
        "api.log": "goes on",
        "api.log.1": "a long story",
        "worker.log": "short",
    }


@pytest.mark.parametrize("place", ["a-file", "a-file/home", "/proc/home"])
def test_a_home_in_which_nothing_can_be_kept_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(UnusableHome, match=f"CASEWRIGHT_HOME is .*{place}.* cannot be written: "):
        Home(tmp_path / place).make()
