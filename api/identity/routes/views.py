"""Lists as one wants to see them again, each by a name."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qsl
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from pydantic import Field, field_validator
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.cases.commands import AskingAnewDep, create_once
from api.http.payloads import Name, Payload, View
from api.http.problems import conflict, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.tickets.lists import NARROWED_BY, count_lists, parted
from domain.people.accounts import ListPage
from domain.people.permissions import Permission
from models.views import KeptView

router = Router(prefix="/me/views", tags=["me"])

MOST_KEPT = 20

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.TICKETS_READ))]


class ViewBody(Payload):
    """A list to be kept: `query` as in its address, without what says where in it one is."""

    page: ListPage
    name: Annotated[Name, Field(max_length=60)]
    query: Annotated[str, Field(max_length=500)]

    @field_validator("query")
    @classmethod
    def _narrows(cls, query: str) -> str:
        unknown = {name for name, _ in parse_qsl(query, keep_blank_values=True)} - NARROWED_BY
        if unknown or not query.isprintable():
            raise ValueError("only what narrows and sorts the list is kept")
        _, wrong = parted(query)
        if wrong:
            raise ValueError(f"there is no such {wrong[0][0]}")
        return query


class KeptViewView(View):
    """A list that is kept."""

    id: UUID
    page: ListPage
    name: str
    query: str


class ViewCountView(View):
    """How many tickets the caller sees in a view, counted to 10,000: then there are that many or more. It is `stale`
    where its query names what is gone; `total` is null where that is no filter any more."""

    id: UUID
    total: int | None
    stale: bool


@router.get("")
async def list_views(caller: Reader, service: Service) -> list[KeptViewView]:
    """The lists that one has kept in this tenant, by name."""
    async with service.database.glance(caller.tenant_id) as session:
        rows = await session.scalars(_of(caller).order_by(col(KeptView.name), col(KeptView.id)))
        return [KeptViewView.model_validate(row) for row in rows]


@router.post("", status_code=HTTPStatus.CREATED, response_model=KeptViewView)
async def keep_view(body: ViewBody, asked: AskingAnewDep, caller: Reader) -> Response:
    """Keeps a list by a name. 409 `name_taken`, and `too_many_views` when twenty are kept."""

    async def create(session: AsyncSession) -> UUID:
        # Two at once would both be the twentieth.
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(str(caller.membership_id)))))
        names = (await session.scalars(_of(caller).with_only_columns(col(KeptView.name)))).all()
        if body.name in names:
            raise conflict("name_taken", "Another view of yours has this name.")
        if len(names) >= MOST_KEPT:
            raise conflict("too_many_views", f"At most {MOST_KEPT} views are kept: remove one first.")
        kept = KeptView(tenant_id=caller.tenant_id, account_id=caller.account_id, **dict(body))
        session.add(kept)
        await session.flush()
        return kept.id

    async def read(session: AsyncSession, view_id: UUID) -> KeptViewView:
        return KeptViewView.model_validate(await _find(session, caller, view_id))

    return await create_once(asked, caller, "view.keep", create=create, at="/me/views/{}", read=read)


@router.get("/counts")
async def count_views(caller: Reader, service: Service) -> list[ViewCountView]:
    """How many tickets there are in each, in the same order."""
    kept = await list_views(caller, service)
    counts = await count_lists(service.database, caller, [view.query for view in kept])
    return [
        ViewCountView(id=view.id, total=count.total, stale=count.stale)
        for view, count in zip(kept, counts, strict=True)
    ]


@router.get("/{view_id}")
async def get_view(view_id: UUID, caller: Reader, service: Service) -> KeptViewView:
    """One of them."""
    async with service.database.glance(caller.tenant_id) as session:
        return KeptViewView.model_validate(await _find(session, caller, view_id))


@router.delete("/{view_id}", status_code=HTTPStatus.NO_CONTENT)
async def forget_view(view_id: UUID, caller: Reader, service: Service) -> None:
    """Keeps a list no longer."""
    async with service.database.transaction(caller.tenant_id) as session:
        await session.delete(await _find(session, caller, view_id))


def _of(caller: Caller) -> sa.Select[KeptView]:
    return sa.select(KeptView).where(
        col(KeptView.tenant_id) == caller.tenant_id, col(KeptView.account_id) == caller.account_id
    )


async def _find(session: AsyncSession, caller: Caller, view_id: UUID) -> KeptView:
    found = await session.scalar(_of(caller).where(col(KeptView.id) == view_id))
    if found is None:
        raise not_found("view")
    return found
