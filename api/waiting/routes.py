"""What waits, of all kinds of cases, and for whom; and what does not go on."""

from typing import Annotated

from fastapi import Depends, Query

from api.http.paging import PagingDep
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.waiting.finding import Waiting
from api.waiting.schemas import WaitingPage
from api.waiting.stuck import find_stuck
from domain.cases import CaseKind, Party
from domain.people.permissions import Permission

router = Router(prefix="/waiting", tags=["operations"])


@router.get("")
async def list_waiting(
    caller: Annotated[Caller, Depends(needs(Permission.OPERATIONS_READ))],
    service: Annotated[Services, Depends(services)],
    paging: PagingDep,
    party: Annotated[list[Party] | None, Query(description="Whom it waits for")] = None,
    kind: Annotated[list[CaseKind] | None, Query()] = None,
) -> WaitingPage:
    """Every open case of the kinds of which you may read all, each once: whom it waits for and since when, what has
    waited longest first. The first page says besides what does not go on."""
    waiting = Waiting(caller, party or list(Party), kind or list(CaseKind))
    async with service.database.transaction(caller.tenant_id) as session:
        items, cursor = await waiting.page(session, paging)
        total = await waiting.count(session) if paging.count else None
        stuck = await find_stuck(session, caller.tenant_id) if paging.cursor is None else []
    return WaitingPage(items=items, next_cursor=cursor, total=total, stuck=stuck)
