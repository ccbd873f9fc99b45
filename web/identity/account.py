"""One's own account: what one is called, how the pages look, one's password, sessions, houses and log."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import available_timezones

from fastapi import Query
from fastapi.responses import RedirectResponse, Response

from api.audit.routes import list_own_audit
from api.http.paging import Paging
from api.http.routing import Router
from api.identity.routes.login import list_sessions
from api.identity.routes.me import get_me
from domain.people.permissions import Permission
from web.audit import words as audit_words
from web.http.forms import Form, posted
from web.http.languages import LANGUAGES
from web.http.notices import Notice, not_proven, refused
from web.http.places import within
from web.http.reading import read
from web.http.rendering import draw, gettext
from web.http.sending import send
from web.http.submitting import fields, nothing, submit, to
from web.http.visits import SignedInVisit, Visit, enter
from web.identity import words

router = Router(prefix="/account")

_NULLABLE = ("locale", "timezone", "theme", "density", "single_keys")
_OTHER_NAMES = ("Etc/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/")
_ZONES = [
    "UTC",
    *sorted(name for name in available_timezones() if "/" in name and not name.startswith(_OTHER_NAMES)),
]


@router.get("")
async def account(visit: SignedInVisit, saved: bool = False) -> Response:
    """The account."""
    notice = Notice("done", gettext(visit, "Kept.")) if saved else None
    return await _account(visit, Form(), notice)


@router.post("")
async def edit(visit: SignedInVisit) -> Response:
    """Changes one's name, language, and how the pages look."""
    return await submit(visit, partial(_account, visit), "PATCH", "/me", _chosen, to("/account?saved=true"))


@router.post("/password")
async def change_password(visit: SignedInVisit) -> Response:
    """Changes one's password; every other session ends."""
    again, body = partial(_account, visit), fields("current_password", "password")
    return await submit(visit, again, "PUT", "/me/password", body, to("/account?saved=true"))


@router.post("/sessions")
async def end_others(visit: SignedInVisit) -> Response:
    """Ends all of one's sessions but this one."""
    again = partial(_account, visit)
    return await submit(visit, again, "DELETE", "/auth/sessions", nothing, to("/account?saved=true#sessions"))


@router.post("/sessions/{session_id}")
async def end_session(visit: SignedInVisit, session_id: UUID) -> Response:
    """Ends one of one's sessions."""
    again, path = partial(_account, visit), f"/auth/sessions/{session_id}"
    return await submit(visit, again, "DELETE", path, nothing, to("/account?saved=true#sessions"))


@router.post("/tenant")
async def switch_tenant(visit: SignedInVisit) -> Response:
    """Goes on in another of one's houses, where a link has led to with the page that it led to."""
    form = await posted(visit)
    if not form.ours:
        return await _account(visit, form, not_proven(visit), HTTPStatus.FORBIDDEN)
    ending = await send(visit, "POST", "/auth/switch-tenant", form.given("tenant"), key=form.key)
    if not ending.done:
        notice = refused(visit, ending, gettext(visit, "Not done."))
        return await _account(visit, form, notice, HTTPStatus(ending.status))
    enter(visit.request.state.cookies, ending.body["access_token"], None)
    return RedirectResponse(within(form.values.get("next", "/")), HTTPStatus.SEE_OTHER)


@router.get("/log")
async def log(visit: SignedInVisit, cursor: Annotated[str | None, Query(max_length=500)] = None) -> Response:
    """What one has done in this house, newest first."""
    found = await read(visit, list_own_audit, paging=Paging(50, cursor, None, count=False), sort="-sequence")
    following = f"/account/log?cursor={found.next_cursor}" if found.next_cursor else None
    return draw(visit, "identity/log.html", entries=found.items, following=following, words=audit_words)


def _chosen(form: Form) -> dict[str, Any]:
    given = {name: form.values[name] or None for name in _NULLABLE if name in form.values}
    return {"full_name": form.values.get("full_name", ""), **given}


async def _account(visit: Visit, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    me = await read(visit, get_me)
    sessions = await read(visit, list_sessions)
    user = me.user.model_dump(mode="json")
    form.values = {name: user[name] or "" for name in ("full_name", *_NULLABLE)} | form.values
    return draw(
        visit,
        "identity/account.html",
        status,
        me=me,
        sessions=sessions,
        form=form,
        notice=notice,
        spoken=LANGUAGES,
        zones=[(name, name.replace("_", " ")) for name in _ZONES],
        words=words,
        has_log=visit.caller.may(Permission.AUDIT_READ_OWN),
    )
