"""Files, as they are chosen and as they are fetched: passed through to the API, which streams them."""

from uuid import UUID

from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from api.http.routing import Router
from web.http.forms import from_our_pages
from web.http.refusals import not_from_here
from web.http.sending import to_api
from web.http.visits import SignedInVisit, Visit

router = Router(prefix="/files")


class Passed(Response):
    """Answers as the API's `path` does to the very request, streams included."""

    def __init__(self, visit: Visit, path: str) -> None:
        super().__init__()
        self._visit, self._path = visit, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inner = to_api(self._visit, scope["method"], self._path, scope["headers"])
        await scope["app"].router(inner, receive, send)


@router.post("")
async def take_in(visit: SignedInVisit) -> Response:
    """Takes in a file before the form that it belongs to."""
    if not from_our_pages(visit.request):
        raise not_from_here()
    return Passed(visit, "/files")


@router.get("/{file_id}")
async def fetch(visit: SignedInVisit, file_id: UUID) -> Response:
    """The file, for those who may see what it belongs to."""
    return Passed(visit, f"/files/{file_id}")
