"""Customers: whom the tenant serves."""

from collections import Counter
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit
from api.cases.commands import AskingAnewDep, create_once
from api.cases.story import story_of
from api.customers.cases import cases_of
from api.customers.schemas import (
    CaseOfCustomerView,
    CustomerBody,
    CustomersStatisticsView,
    CustomerStatisticsView,
    CustomerView,
    EditCustomerBody,
    TicketCounts,
)
from api.http.paging import PagingDep, order_of, page, sorts_by
from api.http.payloads import Page, ReasonBody, StoryView
from api.http.problems import field_error, not_found
from api.http.routing import Router
from api.http.search import contains
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.tickets.service_levels.changes import refresh_tickets
from domain.customers import rules
from domain.customers.states import CustomerKind, CustomerStatus, KycStatus
from domain.people.permissions import Permission
from domain.tickets.rules import TicketPriority, TicketStatus
from models.people import Customer, Membership
from models.sla import SlaPolicy
from models.tickets import Ticket

router = Router(prefix="/customers", tags=["customers"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.CUSTOMERS_READ))]
ReaderOfAll = Annotated[Caller, Depends(needs(Permission.CUSTOMERS_READ_ALL))]
Writer = Annotated[Caller, Depends(needs(Permission.CUSTOMERS_WRITE))]
Activator = Annotated[Caller, Depends(needs(Permission.CUSTOMERS_ACTIVATE))]
Suspender = Annotated[Caller, Depends(needs(Permission.CUSTOMERS_SUSPEND))]


def visible(caller: Caller) -> sa.Select[Any]:
    """The customers that the caller may see: the tenant's, or its own."""
    query = sa.select(Customer).where(col(Customer.tenant_id) == caller.tenant_id)
    if not caller.may(Permission.CUSTOMERS_READ_ALL):
        query = query.where(col(Customer.id) == caller.customer_id)
    return query


async def find(session: AsyncSession, caller: Caller, customer_id: UUID, *, lock: bool = False) -> Customer:
    """The customer, as the caller may see it. Raises 404."""
    query = visible(caller).where(col(Customer.id) == customer_id)
    customer: Customer | None = await session.scalar(query.with_for_update(key_share=True) if lock else query)
    if customer is None:
        raise not_found("customer")
    return customer


@router.post("", status_code=HTTPStatus.CREATED, response_model=CustomerView)
async def create_customer(body: CustomerBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Makes a customer, which is pending until it is activated."""

    async def create(session: AsyncSession) -> UUID:
        await _require_policy(session, body.sla_policy_id)
        values = body.model_dump(exclude={"type", "name"})
        name = body.name or body.company_name or ""
        customer = Customer(tenant_id=caller.tenant_id, kind=body.type, name=name, **values)
        session.add(customer)
        await session.flush()
        await audit(session, caller, "customer.created", "customer", customer.id, {"type": body.type})
        return customer.id

    async def read(session: AsyncSession, customer_id: UUID) -> CustomerView:
        return CustomerView.model_validate(await find(session, caller, customer_id))

    return await create_once(asked, caller, "customers.create", create=create, at="/customers/{}", read=read)


@router.get("")
async def list_customers(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    status: Annotated[list[CustomerStatus] | None, Query()] = None,
    kind: Annotated[list[CustomerKind] | None, Query(alias="type")] = None,
    kyc_status: Annotated[list[KycStatus] | None, Query()] = None,
    q: Annotated[
        str | None,
        Query(max_length=200, pattern=r"^[^\x00]*$", description="Of a name, an e-mail address or a tax id"),
    ] = None,
    sort: Annotated[str, sorts_by("created_at", "name")] = "-created_at",
) -> Page[CustomerView]:
    """The customers that the caller may see, newest first unless sorted otherwise."""
    query = visible(caller)
    if status:
        query = query.where(col(Customer.status).in_(status))
    if kind:
        query = query.where(col(Customer.kind).in_(kind))
    if kyc_status:
        query = query.where(col(Customer.kyc_status).in_(kyc_status))
    if q:
        columns = (Customer.name, Customer.company_name, Customer.email, Customer.tax_id)
        query = query.where(sa.or_(*(contains(column, q) for column in columns)))
    order = order_of(sort, {"created_at": Customer.created_at, "name": Customer.name}, Customer.id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[CustomerView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.get("/statistics")
async def count_customers(caller: ReaderOfAll, service: Service) -> CustomersStatisticsView:
    """The tenant's customers by status, type and identity check."""
    groups = (col(Customer.status), col(Customer.kind), col(Customer.kyc_status))
    query = sa.select(*groups, sa.func.count()).where(col(Customer.tenant_id) == caller.tenant_id).group_by(*groups)
    by_status, by_type, by_kyc = Counter[str](), Counter[str](), Counter[str]()
    async with service.database.transaction(caller.tenant_id) as session:
        for status, kind, kyc_status, count in await session.execute(query):
            by_status[status] += count
            by_type[kind] += count
            by_kyc[kyc_status] += count
    return CustomersStatisticsView(
        total=by_status.total(),
        by_status={status: by_status[status] for status in CustomerStatus},
        by_type={kind: by_type[kind] for kind in CustomerKind},
        by_kyc_status={status: by_kyc[status] for status in KycStatus},
    )


@router.get("/{customer_id}")
async def get_customer(customer_id: UUID, caller: Reader, service: Service) -> CustomerView:
    """One customer."""
    async with service.database.transaction(caller.tenant_id) as session:
        return CustomerView.model_validate(await find(session, caller, customer_id))


@router.get("/{customer_id}/timeline")
async def get_customer_timeline(
    customer_id: UUID,
    caller: Reader,
    service: Service,
    paging: PagingDep,
    sort: Annotated[str, sorts_by("place")] = "place",
) -> Page[StoryView]:
    """What happened in all of a customer's cases, as far as the caller may see it: causes before what they led to, or,
    by `-place`, after."""
    async with service.database.transaction(caller.tenant_id) as session:
        await find(session, caller, customer_id)
        return await story_of(session, caller, customer_id, paging, sort)


@router.get("/{customer_id}/cases")
async def list_customer_cases(
    customer_id: UUID,
    caller: Reader,
    service: Service,
    paging: PagingDep,
    is_open: Annotated[bool | None, Query(alias="open", description="Whether it still waits for somebody")] = None,
) -> Page[CaseOfCustomerView]:
    """The customer's cases of all kinds, as far as the caller may see them, newest first."""
    async with service.database.transaction(caller.tenant_id) as session:
        await find(session, caller, customer_id)
        return await cases_of(session, caller, customer_id, paging, is_open=is_open)


@router.patch("/{customer_id}")
async def edit_customer(customer_id: UUID, body: EditCustomerBody, caller: Writer, service: Service) -> CustomerView:
    """Changes what is known of a customer; another service level policy reaches its open tickets."""
    given = body.model_dump(exclude_unset=True)
    async with service.database.transaction(caller.tenant_id) as session:
        customer = await find(session, caller, customer_id, lock=True)
        needed = ["name"] + (["company_name"] if customer.kind is CustomerKind.CORPORATE else [])
        for field in needed:
            if given.get(field, ...) is None:
                raise field_error(field, "missing", "A customer needs this name.")
        await _require_policy(session, given.get("sla_policy_id"))
        if given.get("sla_policy_id", customer.sla_policy_id) != customer.sla_policy_id:
            await refresh_tickets(session, caller, col(Ticket.customer_id) == customer_id)
        view = await _change(session, customer, given)
        if given:
            await audit(session, caller, "customer.edited", "customer", customer_id, {"fields": sorted(given)})
        return view


@router.delete("/{customer_id}", status_code=HTTPStatus.NO_CONTENT)
async def end_customer(customer_id: UUID, caller: Suspender, service: Service) -> None:
    """Makes a customer inactive; everything it has stays. Doing it again is no error."""
    async with service.database.transaction(caller.tenant_id) as session:
        customer = await find(session, caller, customer_id, lock=True)
        if customer.status is not CustomerStatus.INACTIVE:
            status = rules.transition(customer.status, CustomerStatus.INACTIVE)
            await _move(session, caller, customer, {"status": status})


@router.post("/{customer_id}/activate", response_model=CustomerView)
async def activate_customer(customer_id: UUID, asked: AskingAnewDep, caller: Activator) -> Response:
    """Makes a customer active; 409 `kyc_incomplete` until its identity has been approved."""

    async def activate(session: AsyncSession, customer: Customer) -> None:
        status = rules.activate(customer.status, customer.kyc_status)
        await _move(session, caller, customer, {"status": status, "suspended_at": None, "suspended_reason": None})

    return await _command(asked, caller, customer_id, "customers.activate", activate)


@router.post("/{customer_id}/suspend", response_model=CustomerView)
async def suspend_customer(customer_id: UUID, body: ReasonBody, asked: AskingAnewDep, caller: Suspender) -> Response:
    """Suspends a customer: its people can still read, and change nothing."""

    async def suspend(session: AsyncSession, customer: Customer) -> None:
        status = rules.transition(customer.status, CustomerStatus.SUSPENDED)
        values = {"status": status, "suspended_at": sa.func.now(), "suspended_reason": body.reason}
        await _move(session, caller, customer, values)

    return await _command(asked, caller, customer_id, "customers.suspend", suspend)


@router.get("/{customer_id}/statistics")
async def get_customer_statistics(customer_id: UUID, caller: Reader, service: Service) -> CustomerStatisticsView:
    """What a customer has with us, counted."""
    groups = (col(Ticket.status), col(Ticket.priority))
    breached = col(Ticket.first_response_breached_at).is_not(None) | col(Ticket.resolution_breached_at).is_not(None)
    query = (
        sa.select(
            *groups,
            sa.func.count().label("number"),
            sa.func.count().filter(breached).label("breached"),
            sa.func.max(col(Ticket.created_at)).label("last"),
        )
        .where(col(Ticket.tenant_id) == caller.tenant_id, col(Ticket.customer_id) == customer_id)
        .where(col(Ticket.version) > 0)
        .group_by(*groups)
    )
    members = sa.select(sa.func.count()).where(col(Membership.customer_id) == customer_id)
    async with service.database.transaction(caller.tenant_id) as session:
        await find(session, caller, customer_id)
        users = await session.scalar(members) or 0
        rows = (await session.execute(query)).all()
    by_status, by_priority = Counter[str](), Counter[str]()
    for row in rows:
        by_status[row.status] += row.number
        by_priority[row.priority] += row.number
    total = by_status.total()
    return CustomerStatisticsView(
        customer_id=customer_id,
        users=users,
        tickets=TicketCounts(
            total=total,
            open=total - by_status[TicketStatus.CLOSED],
            by_status={status: by_status[status] for status in TicketStatus},
            by_priority={priority: by_priority[priority] for priority in TicketPriority},
            breached=sum(row.breached for row in rows),
        ),
        last_ticket_at=max((row.last for row in rows), default=None),
    )


async def _command(asked: Any, caller: Caller, customer_id: UUID, kind: str, change: Any) -> Response:
    async def create(session: AsyncSession) -> UUID:
        await change(session, await find(session, caller, customer_id, lock=True))
        return customer_id

    async def read(session: AsyncSession, _: UUID) -> CustomerView:
        return CustomerView.model_validate(await find(session, caller, customer_id))

    return await create_once(asked, caller, kind, create=create, at=None, read=read, success=HTTPStatus.OK)


async def _change(session: AsyncSession, customer: Customer, values: dict[str, Any]) -> CustomerView:
    for name, value in {**values, "updated_at": sa.func.now()}.items():
        setattr(customer, name, value)
    await session.flush()
    await session.refresh(customer)
    return CustomerView.model_validate(customer)


async def _move(session: AsyncSession, caller: Caller, customer: Customer, values: dict[str, Any]) -> None:
    before = customer.status
    await _change(session, customer, values)
    detail = {"status": {"before": before, "after": customer.status}}
    await audit(session, caller, "customer.moved", "customer", customer.id, detail)


async def _require_policy(session: AsyncSession, policy_id: UUID | None) -> None:
    if policy_id and await session.get(SlaPolicy, policy_id) is None:
        raise field_error("sla_policy_id", "unknown", "There is no service level policy with this id.")
