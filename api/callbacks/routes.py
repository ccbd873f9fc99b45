"""Callbacks: customers ask to be called, staff say when."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api.callbacks.schemas import CallbackBody, CallbackView, PlanBody
from api.callbacks.views import CALLBACKS
from api.cases.commands import AskingAnewDep, AskingDep, ask_about, ask_to_open
from api.cases.reading import add_list, add_reading
from api.http.openapi import MAY_WAIT
from api.http.routing import Router
from api.identity.callers import Caller, needs
from domain.callbacks.rules import CallbackStatus
from domain.people.permissions import Permission
from models.callbacks import Callback

router = Router(prefix="/callbacks", tags=["callbacks"])

Asker = Annotated[Caller, Depends(needs(Permission.CALLBACKS_ASK))]
Worker = Annotated[Caller, Depends(needs(Permission.CALLBACKS_WORK))]


@router.post("", status_code=HTTPStatus.CREATED, response_model=CallbackView, responses=MAY_WAIT)
async def ask_for_call(body: CallbackBody, asked: AskingAnewDep, caller: Asker) -> Response:
    """Asks to be called: a task opens for an agent, and the customer hears when the call is planned."""
    callback_id = uuid7()

    async def content(session: AsyncSession) -> None:
        session.add(Callback(id=callback_id, **caller.as_requester(), **body.model_dump()))

    return await ask_to_open(asked, caller, CALLBACKS, callback_id, content=content)


@router.post("/{callback_id}/plan", response_model=CallbackView)
async def plan_call(callback_id: UUID, body: PlanBody, asked: AskingDep, caller: Worker) -> Response:
    """Says when the customer will be called, or when instead; 409 `plan_impossible` for what is past or a year away."""
    return await ask_about(asked, caller, CALLBACKS, callback_id, "plan_call", {"at": body.at.isoformat()})


add_list(router, CALLBACKS, Permission.CALLBACKS_READ, CallbackView, CallbackStatus)
add_reading(router, CALLBACKS, Permission.CALLBACKS_READ, CallbackView, "callback_id")
