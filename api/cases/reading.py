"""The routes by which cases are read, the same for all kinds."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Response
from pydantic import BaseModel

from api.cases.reader import Cases, answer
from api.http.paging import PagingDep, order_of, page, sorts_by
from api.http.payloads import EventView, Page
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.people.permissions import Permission

Service = Annotated[Services, Depends(services)]


def add_reading(router: Router, cases: Cases[Any], needed: Permission, view: type[BaseModel], named: str) -> None:
    """Adds the routes of one case, with its version as ETag, and of its timeline. `view` is what the cases are read as,
    `named` the name of their id in paths."""
    called = f"get_{cases.noun.replace(' ', '_')}"

    @router.get(f"/{{{named}}}", response_model=view, name=called, summary=f"Get {cases.noun}")
    async def get_case(
        service: Service,
        case_id: Annotated[UUID, Path(alias=named)],
        caller: Caller = Depends(needs(needed)),
    ) -> Response:
        """One of them, as it is now; `ETag` says which version that is."""
        return answer(await cases.read(service.database, caller, case_id))

    add_timeline(router, cases, needed, named)


def add_timeline(router: Router, cases: Cases[Any], needed: Permission, named: str) -> None:
    """Adds the route of a case's timeline."""
    called = f"get_{cases.noun.replace(' ', '_')}_timeline"

    @router.get(f"/{{{named}}}/timeline", name=called, summary=f"Get {cases.noun} timeline")
    async def get_timeline(
        service: Service,
        paging: PagingDep,
        case_id: Annotated[UUID, Path(alias=named)],
        caller: Caller = Depends(needs(needed)),
    ) -> Page[EventView]:
        """What happened, oldest first, and why. Customers see what concerns them."""
        return await cases.timeline(service.database, caller, case_id, paging)


def add_list(
    router: Router, cases: Cases[Any], needed: Permission, view: type[BaseModel], statuses: type[StrEnum]
) -> Callable[..., Awaitable[Page[Any]]]:
    """Adds the route of a list that filters by status and customer, and returns it: for kinds whose list needs no
    more."""
    columns = cases.columns
    plural = cases.noun if cases.noun.endswith("series") else f"{cases.noun}s"
    called = f"list_{plural.replace(' ', '_')}"

    @router.get("", response_model=Page[view], name=called, summary=f"List {plural}")  # type: ignore[valid-type]
    async def list_cases(
        service: Service,
        paging: PagingDep,
        caller: Annotated[Caller, Depends(needs(needed))],
        status: Annotated[list[statuses] | None, Query()] = None,  # type: ignore[valid-type]
        customer_id: UUID | None = None,
        sort: Annotated[str, sorts_by("created_at", "updated_at", "number")] = "-created_at",
    ) -> Any:
        """Those that the caller may see, newest first unless sorted otherwise."""
        query = cases.visible(caller)
        if status:
            query = query.where(columns.status.in_(status))
        if customer_id:
            query = query.where(columns.customer_id == customer_id)
        sortable = {"created_at": columns.created_at, "updated_at": columns.updated_at, "number": columns.number}
        order = order_of(sort, sortable, columns.id)
        glance = cases.as_rows and not paging.count
        database, tenant_id = service.database, caller.tenant_id
        async with database.glance(tenant_id) if glance else database.transaction(tenant_id) as session:
            rows, cursor, total = await page(session, query, order, paging)
            views = await cases.views(session, caller, rows)
        return Page(items=list(views), next_cursor=cursor, total=total)

    return list_cases
