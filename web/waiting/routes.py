"""The page of what waits: for whom, since when, and what does not go on."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Query
from fastapi.responses import Response

from api.cases.names import find_names
from api.http.paging import Paging
from api.http.routing import Router
from api.waiting.routes import list_waiting
from api.waiting.schemas import StuckView
from domain.cases import CaseKind, Party
from runtime.settings import Settings
from web.cases import words
from web.cases.places import page_of
from web.http.reading import read
from web.http.rendering import draw
from web.http.visits import SignedInVisit
from web.inbox import words as task_words
from web.waiting import words as stuck_words

router = Router(prefix="/waiting")


@router.get("")
async def waiting(
    visit: SignedInVisit,
    party: Party | None = None,
    kind: CaseKind | None = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """All that waits, what has waited longest first."""
    found = await read(
        visit,
        list_waiting,
        paging=Paging(50, cursor, None, count=cursor is None),
        party=[party] if party else None,
        kind=[kind] if kind else None,
    )
    names = await find_names(
        visit.services.database, visit.caller.tenant_id, customers=[each.customer_id for each in found.items]
    )
    asked = {"party": party, "kind": kind}
    return draw(
        visit,
        "waiting/list.html",
        found=found,
        names=names,
        party=party,
        kind=kind,
        address=partial(address, asked),
        following=address(asked, cursor=found.next_cursor) if found.next_cursor else None,
        workflow=partial(workflow_page, visit.services.settings),
        page_of=page_of,
        page_of_stuck=page_of_stuck,
        words=words,
        task_words=task_words,
        stuck_words=stuck_words,
    )


def address(asked: Mapping[str, str | None], **otherwise: str | None) -> str:
    """The page's address with these filters."""
    query = urlencode({name: value for name, value in {**asked, **otherwise}.items() if value})
    return f"/waiting?{query}" if query else "/waiting"


def workflow_page(settings: Settings, workflow_id: str | None) -> str | None:
    """Where the Temporal UI shows the workflow; None where no address of it is known."""
    if not (settings.temporal_ui_url and workflow_id):
        return None
    return f"{settings.temporal_ui_url}/namespaces/{settings.temporal_namespace}/workflows/{quote(workflow_id, '')}"


def page_of_stuck(stuck: StuckView) -> str | None:
    """The page on which one sees to it."""
    if stuck.what == "task":
        return f"/inbox/{stuck.id}"
    return page_of(stuck.case.kind, stuck.case.id) if stuck.case else None
