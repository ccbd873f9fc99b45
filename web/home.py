"""The first page: for customers what needs them and what is done for them; staff come to their tickets."""

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from api.tickets.routes import list_tickets
from domain.tickets.rules import TicketStatus
from web.http.reading import read
from web.http.rendering import draw
from web.http.visits import SignedInVisit

router = APIRouter()

_OPEN = [status for status in TicketStatus if status is not TicketStatus.CLOSED]


@router.get("/")
async def home(visit: SignedInVisit) -> Response:
    """The visitor's first page."""
    if not visit.is_customer:
        return RedirectResponse("/tickets", HTTPStatus.SEE_OTHER)
    tickets = await read(visit, list_tickets, status=_OPEN, sort="-updated_at")
    return draw(visit, "home.html", tickets=tickets.items)
