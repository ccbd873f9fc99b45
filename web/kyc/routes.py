"""A customer's identity check: a list of steps, a page for each document, one look at all of it, and handing in."""

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from api.http.problems import not_found
from api.kyc.schemas import DocumentView, KycView, RequirementView
from domain.customers.states import KycStatus
from domain.kyc.rules import DocumentStatus
from domain.people.permissions import Permission
from web.http.arriving import arrive
from web.http.forms import Form
from web.http.notices import Notice
from web.http.reading import get, require
from web.http.rendering import draw
from web.http.submitting import fields, submit, to, with_files
from web.http.visits import SignedInVisit, Visit
from web.kyc import words

router = APIRouter(prefix="/kyc")

_DOCUMENT = ("type", "number", "issued_on", "expires_on", "country")
_OPEN = (KycStatus.NONE, KycStatus.COLLECTING, KycStatus.CHANGES_REQUESTED)
_OVER = (DocumentStatus.REJECTED, DocumentStatus.EXPIRED)


@dataclass(frozen=True)
class Step:
    """One thing that has to be shown, and what was handed in for it last."""

    requirement: RequirementView
    document: DocumentView | None

    @property
    def waits_for_customer(self) -> bool:
        """Whether the customer has to hand something in."""
        return self.document is None or self.document.status in _OVER


@dataclass(frozen=True)
class Check:
    """The identity check as its customer sees it."""

    kyc: KycView
    steps: list[Step]

    @property
    def is_complete(self) -> bool:
        """Whether all has been handed in."""
        return not self.kyc.missing

    @property
    def can_be_submitted(self) -> bool:
        """Whether it is for the customer to ask for the review."""
        waits = any(step.document and step.document.status is DocumentStatus.UPLOADED for step in self.steps)
        return self.kyc.status in _OPEN or (waits and self.kyc.status is not KycStatus.UNDER_REVIEW)

    def step(self, name: str) -> Step:
        """The step of this name. Raises 404."""
        found = next((step for step in self.steps if step.requirement.name == name), None)
        if found is None:
            raise not_found("step")
        return found


@router.get("")
async def steps(visit: SignedInVisit) -> Response:
    """The steps, and how far each is."""
    _, notice = await arrive(visit, "/kyc/check")
    return draw(visit, "kyc/steps.html", check=await _check(visit), notice=notice, words=words)


@router.get("/check")
async def look_over(visit: SignedInVisit) -> Response:
    """All that was given, once more, before it is handed in."""
    form, notice = await arrive(visit, "/kyc/check")
    return await _look_over(visit, form, notice)


@router.post("/check")
async def hand_in(visit: SignedInVisit) -> Response:
    """Asks for the review."""
    again = partial(_look_over, visit)
    return await submit(visit, again, "POST", f"{_case(visit)}/submit", fields(), to("/kyc"))


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
    return await submit(visit, again, "POST", f"{_case(visit)}/documents", with_files(*_DOCUMENT), to("/kyc"))


@router.post("/documents/{document_id}/remove")
async def take_back(visit: SignedInVisit, document_id: UUID) -> Response:
    """Takes a document back that nobody has looked at."""
    path = f"{_case(visit)}/documents/{document_id}"
    return await submit(visit, partial(_look_over, visit), "DELETE", path, lambda _: None, to("/kyc"))


def _case(visit: Visit) -> str:
    return f"/customers/{visit.caller.own_customer()}/kyc"


async def _check(visit: Visit) -> Check:
    kyc = await get(visit, _case(visit), KycView)
    return Check(kyc, [Step(required, _last(kyc, required)) for required in kyc.required])


def _last(kyc: KycView, required: RequirementView) -> DocumentView | None:
    given = [each for each in kyc.documents if each.type in required.one_of and not each.replaced_at]
    return max(given, key=lambda each: each.uploaded_at, default=None)


async def _look_over(visit: Visit, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return draw(visit, "kyc/check.html", status, check=await _check(visit), form=form, notice=notice, words=words)


async def _document(
    visit: Visit, name: str, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    check = await _check(visit)
    step = check.step(name)
    return draw(visit, "kyc/document.html", status, check=check, step=step, form=form, notice=notice, words=words)
