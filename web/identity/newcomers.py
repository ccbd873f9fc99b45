"""Becoming known: registering, confirming an address, a new password, and joining by an invitation.

A mailed link only shows a button: programs that look into mail open links too, and nothing may be used up by that. The
answers are the same whether or not an address has an account.
"""

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import Query
from fastapi.responses import Response

from api.http.problems import not_found
from api.http.routing import Router
from web.http.forms import Form
from web.http.notices import Notice
from web.http.rendering import draw
from web.http.submitting import fields, submit, to
from web.http.visits import Visit, VisitDep

router = Router()

Token = Annotated[str, Query(max_length=2000)]

SAID = ("registered", "asked", "confirmed", "reset", "joined")
"""What there is to say after each of these forms."""


@router.get("/register")
async def register_page(visit: VisitDep, tenant: Annotated[str, Query(max_length=63)] = "") -> Response:
    """The form of a new account. A link of the house's own says whose customer one becomes."""
    return await _page("register", visit, Form({"tenant": tenant, "known": "yes" if tenant else ""}))


@router.post("/register")
async def register(visit: VisitDep) -> Response:
    """Makes an account, or, for an address that has one, says so by mail."""
    again, body = partial(_page, "register", visit), fields("tenant", "email", "password", "full_name")
    return await submit(visit, again, "POST", "/auth/register", body, to("/well/registered"))


@router.post("/verify/again")
async def send_again(visit: VisitDep) -> Response:
    """Mails the link that confirms an address once more."""
    again = partial(_page, "again", visit)
    return await submit(visit, again, "POST", "/auth/resend-verification", fields("email"), to("/well/registered"))


@router.get("/verify")
async def verify_page(visit: VisitDep, token: Token = "") -> Response:
    """Where the link leads that confirms an address; without its token, the form that asks for another."""
    return await _page("verify" if token else "again", visit, Form({"token": token}))


@router.post("/verify")
async def verify(visit: VisitDep) -> Response:
    """Confirms the address."""
    again = partial(_page, "verify", visit)
    return await submit(visit, again, "POST", "/auth/verify-email", fields("token"), to("/well/confirmed"))


@router.get("/reset")
async def reset_page(visit: VisitDep, token: Token = "") -> Response:
    """The form that asks for a link to a new password; with its token, that of the new password."""
    return await _page("password" if token else "forgotten", visit, Form({"token": token}))


@router.post("/reset")
async def ask_for_reset(visit: VisitDep) -> Response:
    """Mails the link by which one sets a new password."""
    again = partial(_page, "forgotten", visit)
    return await submit(visit, again, "POST", "/auth/password/reset-request", fields("email"), to("/well/asked"))


@router.post("/reset/password")
async def reset(visit: VisitDep) -> Response:
    """Sets the new password."""
    again, body = partial(_page, "password", visit), fields("token", "password")
    return await submit(visit, again, "POST", "/auth/password/reset", body, to("/well/reset"))


@router.get("/invitation")
async def invitation_page(visit: VisitDep, token: Token = "") -> Response:
    """Where the link of an invitation leads."""
    return await _page("invitation", visit, Form({"token": token}))


@router.post("/invitation")
async def accept(visit: VisitDep) -> Response:
    """Joins the house that invites."""
    again, body = partial(_page, "invitation", visit), fields("token", "password", "full_name")
    return await submit(visit, again, "POST", "/auth/password/reset", body, to("/well/joined"))


@router.get("/well/{said}")
async def well(visit: VisitDep, said: str) -> Response:
    """What happens next, after one of these forms."""
    if said not in SAID:
        raise not_found("page")
    return draw(visit, "identity/well.html", said=said)


async def _page(
    which: str, visit: Visit, form: Form, notice: Notice | None = None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    return draw(visit, f"identity/{which}.html", status, form=form, notice=notice)
