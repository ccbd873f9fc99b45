"""The houses on the platform, for those who run it."""

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import Query
from fastapi.responses import Response

from api.http.paging import Paging
from api.http.routing import Router
from api.identity.routes.tenants import list_tenants
from web.http.forms import Form
from web.http.languages import LANGUAGES
from web.http.notices import Notice
from web.http.reading import read
from web.http.rendering import draw
from web.http.submitting import fields, submit, to
from web.http.visits import SignedInVisit, Visit

router = Router(prefix="/tenants")

_FIELDS = ("slug", "name", "locale", "timezone", "currency", "admin_email", "admin_full_name")


@router.get("")
async def tenants(visit: SignedInVisit, cursor: Annotated[str | None, Query(max_length=500)] = None) -> Response:
    """All houses."""
    return await _tenants(visit, Form(), None, cursor=cursor)


@router.post("")
async def create(visit: SignedInVisit) -> Response:
    """Makes a house with the roles that every one starts with, and invites its first administrator."""
    return await submit(visit, partial(_tenants, visit), "POST", "/tenants", fields(*_FIELDS), to("/tenants"))


async def _tenants(
    visit: Visit,
    form: Form,
    notice: Notice | None,
    status: HTTPStatus = HTTPStatus.OK,
    cursor: str | None = None,
) -> Response:
    found = await read(visit, list_tenants, paging=Paging(50, cursor, None, count=False))
    return draw(
        visit,
        "settings/tenants.html",
        status,
        tenants=found.items,
        following=f"/tenants?cursor={found.next_cursor}" if found.next_cursor else None,
        form=form,
        notice=notice,
        spoken=LANGUAGES,
    )
