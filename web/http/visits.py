"""A visit: who looks at a page, in which language and zone. A session lives in two cookies that no script can read."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from api.http.problems import Problem
from api.http.services import Services, services
from api.identity.callers import KNOWN_CALLER, Caller, record_refusal
from api.identity.renewal import renew
from api.identity.sessions import Refused
from api.identity.tokens import REFRESH_LIFETIME
from api.identity.visitors import Visitor, find_visitor
from domain.people.permissions import Permission
from web.http.languages import language_of
from web.http.middleware import Cookies
from web.http.places import Place, places_of

ACCESS, REFRESH, LANGUAGE = "access", "refresh", "language"
_SECONDS = int(REFRESH_LIFETIME.total_seconds())


@dataclass(frozen=True)
class Visit:
    """One look at a page. `visitor` is None for somebody who has not logged in."""

    request: Request
    services: Services
    visitor: Visitor | None
    language: str
    now: datetime
    zone_of_nobody: str = "UTC"

    @property
    def caller(self) -> Caller:
        """Who looks. Raises LoginFirst where nobody has logged in."""
        if self.visitor is None:
            raise LoginFirst
        return self.visitor.caller

    @property
    def is_customer(self) -> bool:
        """Whether it is one of a customer's people, who sees the portal and not the desk."""
        return self.visitor is not None and self.visitor.caller.customer_id is not None

    @property
    def zone(self) -> ZoneInfo:
        """The zone that times are shown in."""
        return ZoneInfo(self.visitor.timezone if self.visitor else self.zone_of_nobody)

    @property
    def places(self) -> list[Place]:
        """Where the visitor can go."""
        return places_of(self.caller, self.request.url.path)

    def may(self, permission: str) -> bool:
        """Whether the visitor has the permission, by its `area:action`."""
        return self.visitor is not None and self.visitor.caller.may(Permission(permission))

    @property
    def page(self) -> str:
        """The page's own address; of a form that comes back, that of the page on which it stands."""
        return str(getattr(self.request.state, "page", self.request.url.path))

    @property
    def wants_part(self) -> bool:
        """Whether the page asks for a part of itself."""
        return "hx-request" in self.request.headers

    @property
    def bound_to(self) -> str:
        """What the visit's forms are bound to: the session, else nothing but this browser's cookies."""
        return str(self.visitor.caller.session_id) if self.visitor else "nobody"


class LoginFirst(Exception):
    """The page is for those who have logged in."""


async def visit(request: Request, service: Annotated[Services, Depends(services)]) -> AsyncIterator[Visit]:
    """The visit, as a dependency of every page. An expired session is renewed on the way."""
    cookies: Cookies = request.state.cookies
    visitor = await _visitor(request, service, cookies)
    language = language_of(
        visitor.locale if visitor else None,
        request.cookies.get(cookies.name(LANGUAGE)),
        request.headers.get("accept-language"),
        visitor.tenant_locale if visitor else None,
    )
    found = Visit(request, service, visitor, language, datetime.now(UTC))
    request.state.visit = found
    if visitor:
        # What the page asks of the API in its visitor's name finds them authenticated.
        request.scope[KNOWN_CALLER] = request.state.caller = visitor.caller
    try:
        yield found
    except Problem as problem:
        if problem.status == HTTPStatus.FORBIDDEN and visitor:
            await record_refusal(request, service, visitor.caller, problem)
        raise


VisitDep = Annotated[Visit, Depends(visit)]


async def signed_in(visit: VisitDep) -> Visit:
    """A visit of somebody who has logged in, as a dependency. Raises LoginFirst."""
    if visit.visitor is None:
        raise LoginFirst
    return visit


SignedInVisit = Annotated[Visit, Depends(signed_in)]


async def _visitor(request: Request, service: Services, cookies: Cookies) -> Visitor | None:
    access, refresh = (request.cookies.get(cookies.name(name)) for name in (ACCESS, REFRESH))
    if access and (claims := service.tokens.read_or_none(access)):
        return await find_visitor(service.database, claims)
    if not refresh:
        return None
    try:
        renewed = await renew(service, refresh)
    except Refused:
        leave(cookies)
        return None
    enter(cookies, renewed.access_token, renewed.refresh_token)
    return await find_visitor(service.database, service.tokens.read(renewed.access_token))


def enter(cookies: Cookies, access: str, refresh: str | None) -> None:
    """Keeps a session's tokens in the browser."""
    cookies.set(ACCESS, access, _SECONDS)
    if refresh:
        cookies.set(REFRESH, refresh, _SECONDS)


def leave(cookies: Cookies) -> None:
    """Has the browser forget the session."""
    for name in (ACCESS, REFRESH):
        cookies.set(name, "", 0)
