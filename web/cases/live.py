"""The stream that tells a page that a case of its visitor has changed: ids and versions. The page then reads its parts
again, so that every right is looked at anew."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Query
from fastapi.responses import Response, StreamingResponse

from api.http.routing import Router
from web.cases.listeners import Listeners
from web.http.visits import SignedInVisit, Visit

router = Router()

_BEAT = "event: beat\ndata:\n\n"

BEAT_SECONDS = 2.0
"""How long a stream is silent at most: a page that hears nothing for longer than five seconds says so."""


@router.get("/live")
async def live(visit: SignedInVisit, since: Annotated[str, Query(max_length=40)] = "") -> Response:
    """The stream (Server-Sent Events) of what happens after a position. It ends with the session, and where its
    visitor's rights change."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    since = visit.request.headers.get("last-event-id", since)
    return StreamingResponse(_stream(visit, since), media_type="text/event-stream", headers=headers)


async def _stream(visit: Visit, since: str) -> AsyncIterator[str]:
    listeners: Listeners = visit.request.app.state.listeners
    async with listeners.listening(visit.services, visit.caller, since) as said:
        yield _BEAT
        while True:
            try:
                async with asyncio.timeout(BEAT_SECONDS):
                    part = await said.get()
            except TimeoutError:
                part = _BEAT
            if part is None:
                return
            yield part
