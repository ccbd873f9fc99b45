"""The audit in a browser, with the check of its chain."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from api.audit.routes import check_audit_chain, list_audit
from api.cases.names import find_names
from api.http.paging import Paging
from api.http.routing import Router
from web.audit import words
from web.http.reading import read
from web.http.rendering import draw
from web.http.visits import SignedInVisit

router = Router(prefix="/audit")


@router.get("")
async def audit(
    visit: SignedInVisit,
    area: Annotated[str, Query(max_length=40)] = "",
    actor_id: UUID | None = None,
    check: bool = False,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Who did what, newest first. With `check`, whether all of it is as it was written."""
    action = f"{area}." if area else None
    paging = Paging(50, cursor, None, count=False)
    found = await read(visit, list_audit, paging=paging, actor_id=actor_id, action=action, sort="-sequence")
    verdict = await read(visit, check_audit_chain) if check else None
    actors = [entry.actor_id for entry in found.items]
    names = await find_names(visit.services.database, visit.caller.tenant_id, people=actors)
    asked = {"area": area, "actor_id": actor_id, "cursor": found.next_cursor}
    query = urlencode({name: value for name, value in asked.items() if value})
    following = f"/audit?{query}" if found.next_cursor else None
    shown = {"area": area, "areas": words.AREAS, "actor_id": actor_id}
    return draw(
        visit,
        "audit/list.html",
        entries=found.items,
        names=names,
        verdict=verdict,
        following=following,
        shown=shown,
        words=words,
    )
