import os
import signal
import sys
from pathlib import Path

from ops.process import Command, Process


def _waiting(tmp_path: Path, target: str) -> Process:
    environment = {**os.environ, "PYTHONPATH": f".{os.pathsep}{tmp_path}"}
    return Command([sys.executable, "-m", "ops.on_call", target], environment, on_call=True).start(tmp_path / "log")


def test_a_function_is_imported_at_once_and_called_when_told(tmp_path: Path) -> None:
    (tmp_path / "deed.py").write_text(
        "from ops.trouble import Trouble\ndef do():\n    print('done')\ndef refuse():\n    raise Trouble('not today')\n"
    )
    done, refused, forgotten = (_waiting(tmp_path, f"deed:{name}") for name in ("do", "refuse", "do"))
    assert forgotten.stdin is not None
    forgotten.stdin.close()
    assert forgotten.wait(20) == 0
    assert (tmp_path / "log").read_text() == ""
    done.begin()
    assert done.wait(20) == 0
    assert (tmp_path / "log").read_text() == "done\n"
    refused.begin()
    assert refused.wait(20) == 1
    assert (tmp_path / "log").read_text() == "done\nnot today\n"


def test_calling_one_that_has_ended_or_is_not_on_call_does_nothing(tmp_path: Path) -> None:
    ended = _waiting(tmp_path, "no_such_module:do")
    assert ended.wait(20) == 1
    ended.begin()
    plain = Command([sys.executable, "-c", "import time; time.sleep(60)"], os.environ).start(tmp_path / "log")
    plain.begin()
    assert plain.poll() is None
    plain.send_signal(signal.SIGKILL)
    assert plain.wait(20) == -signal.SIGKILL
