"""The stream that tells a page that a case of its visitor has changed: ids and versions. The page then reads its parts
again, so that every right is looked at anew."""

import asyncio
import json
from collections.abc import AsyncIterator
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from api.cases.live import Heard
from api.cases.story import may_hear
from api.identity.callers import find_caller
from api.identity.tokens import AccessClaims
from web.http.visits import SignedInVisit, Visit

router = APIRouter()

_BEAT = "event: beat\ndata:\n\n"
RIGHTS_ARE_LOOKED_AT_SECONDS = 4.0
"""How often a stream looks whether its visitor is still logged in, and with which rights."""

BEAT_SECONDS = 2.0
"""How long a stream is silent at most: a page that hears nothing for longer than five seconds says so."""


@router.get("/live")
async def live(visit: SignedInVisit, since: Annotated[str, Query(max_length=40)] = "") -> Response:
    """The stream (Server-Sent Events) of what happens after a position. It ends with the session."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    since = visit.request.headers.get("last-event-id", since)
    return StreamingResponse(_stream(visit, since), media_type="text/event-stream", headers=headers)


async def _stream(visit: Visit, since: str) -> AsyncIterator[str]:
    services, caller = visit.services, visit.caller
    claims = AccessClaims(caller.account_id, caller.tenant_id, caller.session_id)
    looked = monotonic()
    async with services.live.follow(since) as unread:
        yield _BEAT
        while True:
            try:
                async with asyncio.timeout(BEAT_SECONDS):
                    heard = await unread.get()
                if heard.news is None or may_hear(caller, heard.news):
                    yield _event(heard)
            except TimeoutError:
                yield _BEAT
            if monotonic() - looked >= RIGHTS_ARE_LOOKED_AT_SECONDS:
                found = await find_caller(services.database, claims)
                if found is None:
                    return
                caller, looked = found, monotonic()


def _event(heard: Heard) -> str:
    news = heard.news
    said = {"kind": news.kind, "id": str(news.case_id), "version": news.version} if news else {}
    return f"id: {heard.position}\nevent: case\ndata: {json.dumps(said)}\n\n"
