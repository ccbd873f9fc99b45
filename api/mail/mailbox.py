"""The mails that the embedded stack has caught; other installations do not have this route."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from api.http.payloads import View
from api.http.routing import Router
from api.http.services import Services, services
from runtime.mailbox import CaughtMail, read_mailbox

router = Router(prefix="/demo", tags=["demo"])


class MailView(View):
    """One caught message."""

    sender: str
    recipients: list[str]
    subject: str
    text: str
    message_id: str
    received_at: datetime


@router.get("/mailbox", response_model=list[MailView])
async def list_caught_mail(
    service: Annotated[Services, Depends(services)],
    recipient: Annotated[str | None, Query(max_length=254)] = None,
    subject: Annotated[str, Query(max_length=200, description="Words that stand in the subject.")] = "",
    limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
) -> list[CaughtMail]:
    """The newest messages: all, one recipient's, or those about something."""
    home = service.settings.home
    return await asyncio.to_thread(read_mailbox, home, recipient=recipient, subject=subject, limit=limit)
