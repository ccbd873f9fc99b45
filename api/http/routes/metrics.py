"""Figures for Prometheus."""

import hmac
from http import HTTPStatus
from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Request, Response

from api.http.correlation import client_address
from api.http.metrics import CONTENT_TYPE
from api.http.problems import Problem
from api.http.routing import Router
from api.http.services import Services, services
from runtime.build import build_of, version
from runtime.settings import Settings
from stores.backlog import backlog
from stores.failing import failing
from stores.mail.standing import mailboxes

router = Router(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request, service: Annotated[Services, Depends(services)]) -> Response:
    """The figures. They tell how busy a company is and what fails there, so they are not public. A scraper has no
    account: it sends the token of `CASEWRIGHT_METRICS_TOKEN`, or, where none is set, must run on this machine."""
    _require_scraper(request, service.settings)
    service.metrics.built(version(), build_of(service.settings))
    if await service.database.answers():
        service.metrics.backlog(await backlog(service.database))
        service.metrics.failing(await failing(service.database))
        service.metrics.mailboxes(await mailboxes(service.database))
    return Response(service.metrics.text(), media_type=CONTENT_TYPE)


def _require_scraper(request: Request, settings: Settings) -> None:
    if settings.metrics_token is not None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        wanted = settings.metrics_token.get_secret_value()
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), wanted.encode()):
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                "unauthenticated",
                "Show the token of CASEWRIGHT_METRICS_TOKEN.",
                headers={"WWW-Authenticate": "Bearer"},
            )
    # A proxy on this machine makes every client look local unless it is trusted to say who asked.
    elif "x-forwarded-for" in request.headers or "forwarded" in request.headers or not _is_loopback(client_address()):
        raise Problem(HTTPStatus.FORBIDDEN, "metrics_private", "Metrics are read from this machine, or with a token.")


def _is_loopback(address: str | None) -> bool:
    try:
        return address is not None and ip_address(address).is_loopback
    except ValueError:
        return False
