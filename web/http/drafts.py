"""Keeps what somebody writes while they write it."""

from fastapi.responses import JSONResponse, PlainTextResponse, Response

from api.http.routing import Router
from web.http.forms import from_our_pages
from web.http.refusals import not_from_here
from web.http.rendering import gettext
from web.http.sending import ask
from web.http.visits import SignedInVisit
from web.http.words import clock

router = Router()


@router.put("/drafts/{form:path}")
async def keep(visit: SignedInVisit, form: str) -> Response:
    """Keeps what stands in the form, as the API does, and says so."""
    if not from_our_pages(visit.request):
        raise not_from_here()
    headers = [(b"content-type", b"application/json")]
    ending = await ask(visit, "PUT", f"/drafts/{form}", await visit.request.body(), headers)
    if not ending.done:
        return JSONResponse(ending.body, ending.status)
    text = gettext(visit, "Draft kept at %(time)s, also if your session ends or this tab closes.")
    return PlainTextResponse(text % {"time": clock(visit.now, visit.zone, visit.language)})
