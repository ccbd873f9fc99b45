"""A customer's identity check: a list of steps, a page for each document, one look at all of it, and handing in."""

from functools import partial
from http import HTTPStatus
from uuid import UUID

from fastapi.responses import Response

from api.http.routing import Router
from domain.people.permissions import Permission
from web.http.arriving import arrive
from web.http.forms import Form
from web.http.notices import Notice
from web.http.reading import require
from web.http.rendering import draw
from web.http.submitting import fields, submit, to, with_files
from web.http.visits import SignedInVisit, Visit
from web.kyc import words
from web.kyc.pages import case_of, check_of

router = Router(prefix="/kyc")

_DOCUMENT = ("type", "number", "issued_on", "expires_on", "country")


@router.get("")
async def steps(visit: SignedInVisit) -> Response:
    """The steps, and how far each is."""
    _, notice = await arrive(visit, "/kyc/check")
    return draw(visit, "kyc/steps.html", check=await check_of(visit), notice=notice, words=words)


@router.get("/check")
async def look_over(visit: SignedInVisit) -> Response:
    """All that was given, once more, before it is handed in."""
    form, notice = await arrive(visit, "/kyc/check")
    return await _look_over(visit, form, notice)


@router.post("/check")
async def hand_in(visit: SignedInVisit) -> Response:
    """Asks for the review."""
    again = partial(_look_over, visit)
    return await submit(visit, again, "POST", f"{case_of(visit)}/submit", fields(), to("/kyc"))


@router.get("/{name}")
async def document(visit: SignedInVisit, name: str) -> Response:
    """The page of one document."""
    await require(visit, Permission.KYC_SUBMIT, even_suspended=True)
    form, notice = await arrive(visit, f"/kyc/{name}")
    return await _document(visit, name, form, notice)


@router.post("/{name}")
async def give_document(visit: SignedInVisit, name: str) -> Response:
    """Takes in one document."""
    again = partial(_document, visit, name)
    return await submit(visit, again, "POST", f"{case_of(visit)}/documents", with_files(*_DOCUMENT), to("/kyc"))


@router.post("/documents/{document_id}/remove")
async def take_back(visit: SignedInVisit, document_id: UUID) -> Response:
    """Takes a document back that nobody has looked at."""
    path = f"{case_of(visit)}/documents/{document_id}"
    return await submit(visit, partial(_look_over, visit), "DELETE", path, lambda _: None, to("/kyc"))


async def _look_over(visit: Visit, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return draw(visit, "kyc/check.html", status, check=await check_of(visit), form=form, notice=notice, words=words)


async def _document(
    visit: Visit, name: str, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    check = await check_of(visit)
    step = check.step(name)
    return draw(visit, "kyc/document.html", status, check=check, step=step, form=form, notice=notice, words=words)
