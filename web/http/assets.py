"""What pages are drawn with: one sheet, one script, fonts and icons, each at an address that changes with its content,
so that a browser may keep it for ever."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response

from api.http.problems import not_found
from api.http.routing import Router

STATIC = Path(__file__).parents[1] / "static"
SHEETS = (
    *("tokens", "base", "frame", "words", "promise", "talk", "facts", "portal", "list", "notices", "task"),
    *("pages", "settings", "quotes", "narrow", "states"),
)
"""In the order in which a later one has the last word."""
SCRIPTS = (
    "vendor/htmx.min.js",
    "vendor/hx-sse.min.js",
    *(f"js/{name}.js" for name in ("live", "forms", "files", "keys", "signature")),
)
_KEPT = "public, max-age=31536000, immutable"

router = Router(prefix="/assets", include_in_schema=False)


@dataclass(frozen=True)
class Asset:
    """A file as it is sent, and where."""

    address: str
    media_type: str
    content: bytes
    compressed: bytes | None


def _asset(name: str, media_type: str, content: bytes, *, compress: bool = True) -> Asset:
    stem, _, kind = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:12]
    packed = gzip.compress(content, 9, mtime=0) if compress else None
    return Asset(f"/assets/{stem}-{digest}.{kind}", media_type, content, packed)


def _sheet(font: Asset) -> Asset:
    text = "\n".join((STATIC / "css" / f"{name}.css").read_text() for name in SHEETS)
    return _asset("casewright.css", "text/css", text.replace("../fonts/geist-latin.woff2", font.address).encode())


def _script() -> Asset:
    # One file: as two deferred ones the stream's extension sometimes comes too late for the page's elements.
    text = ";\n".join((STATIC / name).read_text() for name in SCRIPTS)
    return _asset("casewright.js", "text/javascript", text.encode())


FONT = _asset("geist.woff2", "font/woff2", (STATIC / "fonts/geist-latin.woff2").read_bytes(), compress=False)
SHEET = _sheet(FONT)
SCRIPT = _script()
ICON = _asset("icon.svg", "image/svg+xml", (STATIC / "icon.svg").read_bytes())
_BY_ADDRESS = {asset.address: asset for asset in (FONT, SHEET, SCRIPT, ICON)}

ICONS = dict(
    re.findall(r'<symbol id="([\w-]+)" viewBox="0 0 24 24">(.*?)</symbol>', (STATIC / "icons.svg").read_text())
)
"""What is inside of each icon, by its name. Lucide 1.62, ISC."""


@router.get("/{name}")
async def asset(name: str, request: Request) -> Response:
    """One of them; 404 for one of another version."""
    found = _BY_ADDRESS.get(f"/assets/{name}")
    if found is None:
        raise not_found("file")
    headers = {"Cache-Control": _KEPT, "Vary": "Accept-Encoding"}
    if found.compressed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.compressed, HTTPStatus.OK, {**headers, "Content-Encoding": "gzip"}, found.media_type)
    return Response(found.content, HTTPStatus.OK, headers, found.media_type)
