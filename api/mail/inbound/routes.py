"""Mails that providers bring by HTTP. They are answered 200 once a mail is kept; whatever else they are answered, they
bring it again, and a mail that has come twice is a duplicate."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Request

from api.http.openapi import problems
from api.http.payloads import View
from api.http.problems import Problem, field_error
from api.http.routing import Router
from api.http.services import Services, services
from api.mail.inbound import mailgun, sendgrid
from api.mail.inbound.deliveries import Brought
from api.mail.inbound.forms import Form, form_of
from api.mail.inbound.taking import mailbox_by, take_in
from domain.mail.states import Source
from models.mail import MailAccount
from stores.mail.secrets import SecretUnreadable

BELOW = "/mail/inbound/"
router = Router(prefix=f"{BELOW}{{token}}", tags=["mail"])

Service = Annotated[Services, Depends(services)]
Token = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[\w-]+$", description="The mailbox's own.")]

WITHIN_SECONDS = 900.0
_AHEAD = timedelta(minutes=10)
"""So much may a provider's clock be ahead of ours."""

_REFUSALS = problems(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)


def _form(*names: str) -> dict[str, Any]:
    fields = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    media_types = ("multipart/form-data", "application/x-www-form-urlencoded")
    content = {media_type: {"schema": fields} for media_type in media_types}
    return {"requestBody": {"required": True, "content": content}}


class TakenView(View):
    """The mail that was kept."""

    mail_id: UUID


@router.post("/sendgrid", responses=_REFUSALS, openapi_extra=_form("email", "headers", "text", "html", "envelope"))
async def take_sendgrid_mail(token: Token, request: Request, service: Service) -> TakenView:
    """A mail by SendGrid's Inbound Parse, whole or taken apart, signed by the key whose public one is the mailbox's
    secret."""
    account = await mailbox_by(service, token, Source.SENDGRID)
    timestamp = request.headers.get(sendgrid.TIMESTAMP, "")
    signature = sendgrid.BodySignature(timestamp)
    async with form_of(request, signature.seen, within_seconds=WITHIN_SECONDS) as form:
        if not signature.is_by(_secret(service, account), request.headers.get(sendgrid.SIGNATURE, "")):
            raise _unsigned()
        _require_recent(timestamp, sendgrid.RETRIED_FOR)
        return await _take(service, account, form, sendgrid.brought_by)


@router.post("/mailgun", responses=_REFUSALS, openapi_extra=_form("message-headers", "body-plain", "body-html"))
@router.post("/mailgun/mime", responses=_REFUSALS, openapi_extra=_form("body-mime"), name="take_whole_mailgun_mail")
async def take_mailgun_mail(token: Token, request: Request, service: Service) -> TakenView:
    """A mail by a route of Mailgun, whole or taken apart, signed with the signing key that is the mailbox's secret."""
    account = await mailbox_by(service, token, Source.MAILGUN)
    async with form_of(request, lambda _: None, within_seconds=WITHIN_SECONDS) as form:
        if not mailgun.is_signed(form, _secret(service, account)):
            raise _unsigned()
        _require_recent(form.text("timestamp"), mailgun.RETRIED_FOR)
        return await _take(service, account, form, mailgun.brought_by)


async def _take(
    service: Services, account: MailAccount, form: Form, brought_by: Callable[[Form], Brought | None]
) -> TakenView:
    brought = brought_by(form)
    if brought is None:
        raise field_error("form", "no_mail", "There is no mail in this form.")
    return TakenView(mail_id=await take_in(service, account, brought))


def _secret(service: Services, account: MailAccount) -> str:
    """What the provider signs with. Raises Problem 401 for a mailbox that has nothing to check a signature by."""
    try:
        if account.secret is not None:
            return service.secrets.open(account.tenant_id, account.id, account.secret)
    except SecretUnreadable:
        pass
    raise _unsigned()


def _unsigned() -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, "signature_invalid", "This is not signed by the mailbox's provider.")


def _require_recent(timestamp: str, within: timedelta) -> None:
    """Raises Problem 401 for a time stamp (seconds since 1970) that is older than any retry, or from the future."""
    now = datetime.now(UTC)
    try:
        stamped = datetime.fromtimestamp(int(timestamp), UTC)
    except (ValueError, OverflowError, OSError):
        raise _unsigned() from None
    if not now - within <= stamped <= now + _AHEAD:
        raise Problem(HTTPStatus.UNAUTHORIZED, "signature_expired", "This was signed too long ago, or in the future.")
