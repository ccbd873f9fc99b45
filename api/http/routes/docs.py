"""The page on which people read and try the API. Its files are ours: nothing is loaded from another host."""

from functools import lru_cache
from pathlib import Path

from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from api.http.route_names import ERRORS_PAGE
from api.http.routing import Router

STATIC = Path(__file__).parents[1] / "static"

# Swagger UI puts style attributes into what it draws; scripts come from our files only.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = Router(include_in_schema=False)


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The page."""
    return HTMLResponse(_page(), headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


@router.get(ERRORS_PAGE)
async def errors() -> HTMLResponse:
    """Every code that a problem can have, with its meaning."""
    return HTMLResponse(_errors(), headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


def static_files() -> StaticFiles:
    """The app that serves what the page refers to."""
    return StaticFiles(directory=STATIC)


@lru_cache
def _errors() -> str:
    return (STATIC / "errors.html").read_text()


@lru_cache
def _page() -> str:
    return (STATIC / "docs.html").read_text()
