"""A link that leads into another of the visitor's houses."""

import re
from uuid import UUID

from api.cases.elsewhere import Elsewhere, case_elsewhere, task_elsewhere
from domain.cases import CaseKind
from web.http.visits import Visit

_OF_ONE = re.compile(r"/(inbox|tickets|quotes|quote-requests)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_KINDS = {"tickets": CaseKind.TICKET, "quotes": CaseKind.QUOTE, "quote-requests": CaseKind.QUOTE_REQUEST}


async def elsewhere(visit: Visit) -> Elsewhere | None:
    """The other house of the visitor's in which there is what they look for here."""
    asked = _OF_ONE.fullmatch(visit.request.url.path)
    if visit.visitor is None or asked is None or visit.request.method != "GET":
        return None
    place, identity = asked[1], UUID(asked[2])
    if place in _KINDS:
        return await case_elsewhere(visit.services.database, visit.caller, _KINDS[place], identity)
    return await task_elsewhere(visit.services.database, visit.caller, identity)
