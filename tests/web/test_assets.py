"""What pages are drawn with: what was vendored is what came, sheets keep to the tokens, and a first view is small."""

import hashlib
import re
from pathlib import Path

import pytest

from tests.web.catalogues import ROOM
from web.http import assets
from web.http.assets import STATIC

FIRST_VIEW_BYTES = 100_000
OWN_SCRIPT_BYTES = 12_000
_PHYSICAL = re.compile(r"(?<![\w-])(?:margin|padding|border|inset)?-?(?:left|right)\s*:|text-align:\s*(?:left|right)")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")


@pytest.mark.parametrize(
    ("name", "digest"),
    re.findall(r"^\| (\S+) .*\| ([0-9a-f]{64}) \|$", (STATIC / "VENDORED.md").read_text(), re.MULTILINE),
)
def test_what_was_vendored_is_what_came(name: str, digest: str) -> None:
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest


def test_everything_that_is_not_ours_is_listed() -> None:
    listed = (STATIC / "VENDORED.md").read_text()
    files = [path for folder in ("vendor", "fonts") for path in (STATIC / folder).iterdir()]
    assert [path.name for path in files if path.name not in listed] == []


def test_a_first_view_is_small() -> None:
    drawn = (assets.SHEET, assets.SCRIPT, assets.ICON, assets.FONT)
    assert sum(len(each.compressed or each.content) for each in drawn) + 15_000 <= FIRST_VIEW_BYTES
    own = "".join(path.read_text() for path in (STATIC / "js").glob("*.js"))
    assert len(re.sub(r"^\s*//.*$|^\s+|\n", "", own, flags=re.MULTILINE)) <= OWN_SCRIPT_BYTES


@pytest.mark.parametrize("page", sorted(ROOM.rglob("*.html")), ids=lambda page: page.name)
def test_every_key_that_a_page_names_is_one(page: Path) -> None:
    text = page.read_text()
    named = re.findall(r"<kbd[^>]*>([A-Z])</kbd>", text)
    assert [key for key in named if f'data-key="{key.lower()}"' not in text] == []


def test_sheets_know_no_side_and_no_colour_but_the_tokens() -> None:
    for path in (STATIC / "css").glob("*.css"):
        sheet = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        assert not _PHYSICAL.search(sheet), path.name
        assert path.name == "tokens.css" or not _COLOUR.search(sheet), path.name


def test_pages_hold_no_script_style_or_handler_of_their_own() -> None:
    for path in ROOM.rglob("*.html"):
        page = path.read_text()
        assert not re.search(r"\sstyle=|\son\w+=|<script>|<style|hx-on|javascript:|\|\s*safe\b", page), path.name
