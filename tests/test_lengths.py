"""No file of code is so long that it has more than one reason."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINTED = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
ROOMS = (*LINTED, "tests")
CODE = {".py", ".css", ".html", ".js"}
LONGEST = 400


def test_no_file_is_long() -> None:
    ours = [path for room in ROOMS for path in (ROOT / room).rglob("*.*") if path.suffix in CODE]
    lengths = {path.relative_to(ROOT): path.read_text().count("\n") for path in ours if "vendor" not in path.parts}
    assert len(lengths) > len(ROOMS), "nothing is looked at"
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}
