"""Where a tenant's own system is asked to fulfil its orders."""

import base64
import secrets
from http import HTTPStatus
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from api.audit.entries import audit
from api.http.problems import field_error, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.orders.schemas import NewWebhookView, WebhookBody, WebhookView
from domain.people.permissions import Permission
from models.orders import WebhookEndpoint

router = Router(prefix="/settings/fulfilment-webhook", tags=["settings"])

Service = Annotated[Services, Depends(services)]
Setter = Annotated[Caller, Depends(needs(Permission.SETTINGS_WRITE))]

_SECRET_BYTES = 32


@router.get("")
async def get_fulfilment_webhook(caller: Setter, service: Service) -> WebhookView:
    """Where lines of orders are asked to be fulfilled."""
    async with service.database.transaction(caller.tenant_id) as session:
        found = await session.scalar(_of(caller))
    return WebhookView(url=found.url if found else None)


@router.put("")
async def set_fulfilment_webhook(body: WebhookBody, caller: Setter, service: Service) -> NewWebhookView:
    """Has another system fulfil the orders that begin from now on. Each call of this makes a new secret, which is shown
    here and never again."""
    url = str(body.url)
    private = service.settings.allow_private_hosts
    if body.url.scheme != "https" and not private:
        raise field_error("url", "not_encrypted", "A webhook is called by https.")
    if body.url.username or body.url.password:
        raise field_error("url", "credentials", "The address holds no credentials: calls are signed.")
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    async with service.database.transaction(caller.tenant_id) as session:
        kept = insert(WebhookEndpoint).values(tenant_id=caller.tenant_id, url=url, secret=secret)
        await session.execute(
            kept.on_conflict_do_update(index_elements=["tenant_id"], set_={"url": url, "secret": secret})
        )
        await audit(session, caller, "fulfilment_webhook.set", "tenant", caller.tenant_id)
    return NewWebhookView(url=url, secret=secret)


@router.delete("", status_code=HTTPStatus.NO_CONTENT)
async def remove_fulfilment_webhook(caller: Setter, service: Service) -> Response:
    """Has staff fulfil the orders that begin from now on; what was called out is left to them."""
    async with service.database.transaction(caller.tenant_id) as session:
        gone = await session.scalar(sa.delete(WebhookEndpoint).where(_mine(caller)).returning(col(WebhookEndpoint.id)))
        if gone is None:
            raise not_found("webhook")
        await audit(session, caller, "fulfilment_webhook.removed", "tenant", caller.tenant_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _of(caller: Caller) -> sa.Select[WebhookEndpoint]:
    return sa.select(WebhookEndpoint).where(_mine(caller))


def _mine(caller: Caller) -> sa.ColumnElement[bool]:
    return col(WebhookEndpoint.tenant_id) == caller.tenant_id
