"""What is found, as a page, and as the part of one that the palette shows."""

from typing import Annotated

from fastapi import Query
from fastapi.responses import Response

from api.find.routes import find_by_words
from api.http.routing import Router
from web.cases import words
from web.cases.places import page_of
from web.http.reading import read
from web.http.rendering import draw
from web.http.visits import SignedInVisit

router = Router(prefix="/find")


@router.get("")
async def found(visit: SignedInVisit, q: Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")] = "") -> Response:
    """What the letters have found."""
    answer = await read(visit, find_by_words, q=q)
    template = "find/found.html" if visit.wants_part else "find/page.html"
    return draw(visit, template, found=answer, q=q, words=words, page_of=page_of)
