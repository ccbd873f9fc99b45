"""Finding whatever one may see: cases by their numbers or words, people and customers by their names."""

from typing import Annotated

from fastapi import Depends, Query

from api.find.finding import find
from api.find.schemas import FoundView
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, authenticated

router = Router(prefix="/find", tags=["find"])


@router.get("")
async def find_by_words(
    caller: Annotated[Caller, Depends(authenticated)],
    service: Annotated[Services, Depends(services)],
    q: Annotated[
        str,
        Query(max_length=100, pattern=r"^[^\x00]*$", description="The beginning of a number, or letters of a name"),
    ] = "",
) -> FoundView:
    """What you may see of cases, customers and people, at most eight of each."""
    words = q.strip()
    if not words:
        return FoundView(cases=[], customers=[], people=[])
    return await find(service.database, caller, words)
