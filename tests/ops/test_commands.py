import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.main import COMMANDS, app
from runtime.settings import settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith(("CASEWRIGHT_", "DATABASE_", "TEMPORAL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CASEWRIGHT_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_explains_itself(name: str) -> None:
    told = CliRunner().invoke(app, [name, "--help"])
    assert told.exit_code == 0, told.output
    assert len(told.output.splitlines()) > 3


def test_the_list_shows_what_people_use() -> None:
    told = CliRunner().invoke(app, ["--help"])
    assert "migrate" in told.output
    assert "mail-catcher" not in told.output
    assert CliRunner().invoke(app, ["no-such"]).exit_code == 2


def test_up_with_a_busy_port_names_it_and_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        number = holder.getsockname()[1]
        monkeypatch.setenv("CASEWRIGHT_API_PORT", str(number))
        told = CliRunner().invoke(app, ["up"])
    assert told.exit_code == 1
    assert f"Port {number} is in use" in told.output
    assert "CASEWRIGHT_API_PORT" in told.output
    assert not (tmp_path / "home" / "postgres").exists()


def test_up_with_settings_that_make_no_sense_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWRIGHT_API_PORT", "eight thousand")
    told = CliRunner().invoke(app, ["up"])
    assert told.exit_code == 1
    assert "CASEWRIGHT_API_PORT" in told.output


def test_a_command_without_a_stack_says_so() -> None:
    told = CliRunner().invoke(app, ["migrate"])
    assert told.exit_code == 1
    assert "casewright up" in told.output


@pytest.mark.parametrize("begun", ["ops.main", "web.main", "workers.main"])
def test_what_needs_no_more_imports_no_more(begun: str) -> None:
    """Help and what is wrong with the settings are there at once."""
    list_heavy = f"import sys, {begun}; print([m for m in ('temporalio', 'sqlalchemy', 'fastapi') if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", list_heavy], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("answer", ["exit 1", "echo Python 2.7; exit 1"])
def test_make_says_which_python_it_needs(tmp_path: Path, answer: str) -> None:
    old = tmp_path / "python"
    old.write_text(f"#!/bin/sh\n{answer}\n")
    old.chmod(0o755)
    told = subprocess.run(
        ["make", "-s", "-C", ROOT, "up", f"VENV={tmp_path / 'venv'}", f"PYTHON={old}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode != 0
    assert "needs Python 3.11 or newer" in told.stderr
    assert not (tmp_path / "venv").exists()


def test_an_environment_that_cannot_be_used_is_made_anew(tmp_path: Path) -> None:
    """One of a checkout that was moved, and one whose Python is gone."""
    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    for name in ("requirements.lock", "requirements-uv.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)

    def makes_it_anew(stamp: str) -> bool:
        (tmp_path / ".venv/.ready").write_text(stamp)
        told = subprocess.run(["make", "-n", "-C", tmp_path, "up"], capture_output=True, text=True, check=True)
        return "Making .venv" in told.stdout

    assert not makes_it_anew(f"{tmp_path}\n")
    assert makes_it_anew("/another/place\n")
    assert makes_it_anew("")
    python.unlink()
    python.symlink_to(tmp_path / "vanished")
    assert makes_it_anew(f"{tmp_path}\n")
