"""Logging out, here or everywhere."""

from http import HTTPStatus
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends
from sqlmodel import col

from api.audit.entries import audit_account
from api.http.answered_once import AnsweredOnce
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, SignedIn
from domain.people.accounts import SessionEnd
from models.sessions import LoginSession
from stores.sessions import end_sessions

router = Router(prefix="/auth", tags=["auth"], route_class=AnsweredOnce)

Service = Annotated[Services, Depends(services)]


@router.post("/logout", status_code=HTTPStatus.NO_CONTENT)
async def logout(caller: SignedIn, service: Service) -> None:
    """Ends the session of this access token."""
    await _log_out(service, caller, "account.logged_out", col(LoginSession.id) == caller.session_id)


@router.post("/logout-all", status_code=HTTPStatus.NO_CONTENT)
async def logout_all(caller: SignedIn, service: Service) -> None:
    """Ends every session of the account, this one too."""
    await _log_out(service, caller, "account.logged_out_everywhere")


async def _log_out(service: Services, caller: Caller, action: str, *which: sa.ColumnElement[bool]) -> None:
    async with service.database.transaction(caller.tenant_id, account_id=caller.account_id) as session:
        own = col(LoginSession.account_id) == caller.account_id
        await end_sessions(session, SessionEnd.LOGOUT, own, *which)
        await audit_account(session, caller.tenant_id, caller.account_id, action)
