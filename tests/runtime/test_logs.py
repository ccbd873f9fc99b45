"""The log: all libraries write through structlog, with the bound context, and without the text of exceptions."""

import asyncio
import errno
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog

from runtime.logs import configure, story
from runtime.settings import Settings

CANARY = "canary-7f3a@example.org"


@pytest.fixture(params=["production", "development"])
def env(request: pytest.FixtureRequest) -> Iterator[str]:
    """A configured log, and everything put back as it was afterwards."""
    root = logging.getLogger()
    kept = (root.handlers, root.level, sys.excepthook, warnings.showwarning, structlog.get_config())
    yield request.param
    root.handlers, root.level, sys.excepthook, warnings.showwarning = kept[:4]
    structlog.configure(**kept[4])
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def log(env: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What has been logged so far: JSON objects in production, lines in development."""
    output = StringIO()
    monkeypatch.setattr(sys, "stdout", output)
    configure(Settings(env=env, _env_file=None), "test")

    def read() -> list[Any]:
        lines = output.getvalue().splitlines()
        return [json.loads(line) for line in lines] if env == "production" else lines

    return read


def fail() -> None:
    try:
        int(CANARY)
    except ValueError as cause:
        raise LookupError(f"nobody called {CANARY}") from cause


def test_what_is_bound_is_on_every_line_those_of_libraries_too(log: Any) -> None:
    structlog.contextvars.bind_contextvars(correlation_id="c-1", tenant_id="t-1")
    structlog.get_logger("ours.itself").info("ours", number=7)
    logging.getLogger("sqlalchemy.pool").warning("theirs %s", "said")
    for line, event in zip(log(), ("ours", "theirs said"), strict=True):
        if isinstance(line, dict):
            assert (line["event"], line["correlation_id"], line["tenant_id"]) == (event, "c-1", "t-1")
            assert (line["process"], line["level"]) == ("test", "info" if event == "ours" else "warning")
            assert line["logger"] == ("ours.itself" if event == "ours" else "sqlalchemy.pool")
            assert line["timestamp"].endswith("Z")
        else:
            assert event in line
            assert "c-1" in line


def test_an_exception_is_its_kind_and_its_way_never_its_text(log: Any) -> None:
    try:
        fail()
    except LookupError as error:
        structlog.get_logger(__name__).error("failed", exc_info=True)
        structlog.get_logger(__name__).error("failed", error=error)
        logging.getLogger("theirs").exception("it failed: %s", error)
        logging.getLogger("theirs").error(f"it failed: {error!r} {error}", exc_info=error)
    text = json.dumps(log())
    assert "LookupError" in text
    assert "ValueError" in text
    assert "test_logs.py" in text
    assert "fail" in text
    assert CANARY not in text


def test_a_group_of_exceptions_tells_no_text_either() -> None:
    group = ExceptionGroup(CANARY, [ValueError(CANARY), ExceptionGroup("inner", [KeyError(CANARY)])])
    told = json.dumps(story(group))
    assert "KeyError" in told
    assert CANARY not in told


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = ValueError("1"), ValueError("2")
    first.__cause__, second.__cause__ = second, first
    assert len(story(first)) == 5


async def test_a_task_that_nobody_waited_for(log: Any) -> None:
    async def forgotten() -> None:
        fail()

    task = asyncio.create_task(forgotten())
    await asyncio.wait([task])
    loop = asyncio.get_running_loop()
    loop.default_exception_handler({"message": f"lost {task!r}", "exception": task.exception(), "task": task})
    text = json.dumps(log())
    assert "LookupError" in text
    assert CANARY not in text


def test_the_end_of_the_process_and_a_warning(log: Any) -> None:
    try:
        fail()
    except LookupError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    warnings.warn(f"strange: {CANARY}", UserWarning, stacklevel=1)
    text = json.dumps(log())
    assert "process_failed" in text
    assert "UserWarning" in text
    assert CANARY not in text


def test_who_has_something_to_say_goes_on_when_it_cannot_be_written(env: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk(StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stdout", FullDisk())
    configure(Settings(env=env, _env_file=None), "test")
    structlog.get_logger("ours").info("nobody will read this")


@pytest.mark.parametrize("env", ["production"], indirect=True)
def test_the_level_is_a_setting(env: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(env=env, log_level="error", _env_file=None), "test")
    structlog.get_logger("fresh").warning("not worth it")
    logging.getLogger("theirs").warning("not worth it")
    structlog.get_logger("fresh").error("worth it")
    assert [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()] == ["worth it"]
