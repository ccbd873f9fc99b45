"""The way in and out: logging in, out, and choosing a language before one has an account."""

from http import HTTPStatus

from fastapi.responses import RedirectResponse, Response

from api.http.problems import field_error
from api.http.routing import Router
from api.identity.visitors import find_visitor
from web.http.forms import Form, posted
from web.http.keeping import keep
from web.http.languages import LANGUAGES
from web.http.notices import Notice, not_proven, refused
from web.http.places import within
from web.http.rendering import draw, gettext
from web.http.sealing import unseal
from web.http.sending import send
from web.http.visits import LANGUAGE, Visit, VisitDep, enter, leave

router = Router()

_YEAR = 31_536_000


@router.get("/login")
async def login_page(visit: VisitDep, next: str = "/") -> Response:  # noqa: A002
    """The form to log in by."""
    if visit.visitor:
        return RedirectResponse(within(next), HTTPStatus.SEE_OTHER)
    return _login(visit, Form({"next": within(next)}))


@router.post("/login")
async def login(visit: VisitDep) -> Response:
    """Logs in by the API's own rules, and goes on to where one was going."""
    form = await posted(visit)
    if not form.ours:
        return _login(visit, form, not_proven(visit), HTTPStatus.FORBIDDEN)
    ending = await send(visit, "POST", "/auth/login", form.given("email", "password", "tenant"))
    if not ending.done:
        return _login(visit, form, refused(visit, ending, gettext(visit, "Not logged in.")), HTTPStatus(ending.status))
    enter(visit.request.state.cookies, ending.body["access_token"], ending.body["refresh_token"])
    await _give_back(visit, ending.body["access_token"], form.values.get("sealed", ""))
    return RedirectResponse(within(form.values.get("next", "/")), HTTPStatus.SEE_OTHER)


async def _give_back(visit: Visit, access_token: str, sealed: str) -> None:
    """What was written when the last session had ended stands in its form again, if it was this person's."""
    claims = visit.services.tokens.read(access_token)
    unsent = unseal(visit.services.tokens, claims.account_id, sealed)
    visitor = await find_visitor(visit.services.database, claims) if unsent else None
    if unsent and visitor:
        await keep(visit, visitor.caller, unsent.path, unsent.fields)


@router.post("/logout")
async def logout(visit: VisitDep) -> Response:
    """Ends the session here and at the server."""
    form = await posted(visit)
    if form.ours and visit.visitor:
        await send(visit, "POST", "/auth/logout")
        leave(visit.request.state.cookies)
    headers = {"Clear-Site-Data": '"cache", "storage"'}
    return RedirectResponse("/login", HTTPStatus.SEE_OTHER, headers)


@router.post("/language")
async def choose_language(visit: VisitDep) -> Response:
    """Keeps the language in the browser and, for who has one, in the account."""
    form = await posted(visit)
    language = form.values.get("language", "")
    if language not in LANGUAGES:
        raise field_error("language", "unknown", "This language is not spoken here.")
    if form.ours:
        visit.request.state.cookies.set(LANGUAGE, language, _YEAR)
        if visit.visitor:
            await send(visit, "PATCH", "/me", {"locale": language})
    return RedirectResponse(within(form.values.get("back", "/")), HTTPStatus.SEE_OTHER)


def _login(visit: Visit, form: Form, notice: Notice | None = None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return draw(visit, "identity/login.html", status, form=form, notice=notice)
