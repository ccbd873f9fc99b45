"""The words of the API's document that stand beside no declaration (`document.toml`)."""

import tomllib
from pathlib import Path
from typing import Any

_WORDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "document.toml").read_text())

TAGS: list[dict[str, str]] = [{"name": name, "description": words} for name, words in _WORDS["tags"].items()]
PARAMETERS: dict[str, str] = _WORDS["parameters"]
FIELDS: dict[str, dict[str, str]] = _WORDS["fields"]
"""What fields mean, by the name of their schema, or `any`."""
EXAMPLES: dict[str, Any] = _WORDS["examples"]
"""What fields of bodies may hold, by their names."""
