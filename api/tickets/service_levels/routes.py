"""Calendars and service level policies. A change reaches open tickets through their workflows."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit, differences
from api.cases.commands import AskingAnewDep, create_once
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page
from api.http.problems import conflict, field_error, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.tickets.service_levels.changes import promised_by, refresh_tickets
from api.tickets.service_levels.schemas import CalendarBody, CalendarView, SlaPolicyBody, SlaPolicyView
from api.tickets.service_levels.terms import definition, renew_terms
from domain.people.permissions import Permission
from domain.tickets.sla.policy import EscalationAction
from models.people import Customer
from models.sla import Calendar, SlaPolicy, SlaTerms
from models.tickets import Ticket, TicketCategory
from stores.tickets.escalations import target_exists
from stores.tickets.service_levels import calendar_of

router = Router(tags=["service levels"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.SETTINGS_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.SETTINGS_WRITE))]


@router.get("/calendars")
async def list_calendars(caller: Reader, service: Service, paging: PagingDep) -> Page[CalendarView]:
    """The tenant's calendars, by name."""
    order = order_of("name", {"name": Calendar.name}, Calendar.id)
    query = sa.select(Calendar).where(col(Calendar.tenant_id) == caller.tenant_id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[CalendarView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.post("/calendars", status_code=HTTPStatus.CREATED, response_model=CalendarView)
async def create_calendar(body: CalendarBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Makes a calendar."""

    async def create(session: AsyncSession) -> UUID:
        calendar = Calendar(tenant_id=caller.tenant_id, **stored(body))
        await _check_calendar(session, calendar)
        session.add(calendar)
        await session.flush()
        await audit(session, caller, "calendar.created", "calendar", calendar.id, _settings(calendar))
        return calendar.id

    async def read(session: AsyncSession, calendar_id: UUID) -> CalendarView:
        return CalendarView.model_validate(await _calendar(session, calendar_id))

    return await create_once(asked, caller, "calendars.create", create=create, at="/calendars/{}", read=read)


@router.get("/calendars/{calendar_id}")
async def get_calendar(calendar_id: UUID, caller: Reader, service: Service) -> CalendarView:
    """One calendar."""
    async with service.database.transaction(caller.tenant_id) as session:
        return CalendarView.model_validate(await _calendar(session, calendar_id))


@router.put("/calendars/{calendar_id}")
async def replace_calendar(calendar_id: UUID, body: CalendarBody, caller: Writer, service: Service) -> CalendarView:
    """Replaces a calendar: time from now on is counted by the new one."""
    async with service.database.transaction(caller.tenant_id) as session:
        calendar = await _calendar(session, calendar_id)
        before = _settings(calendar)
        for name, value in stored(body).items():
            setattr(calendar, name, value)
        await _check_calendar(session, calendar)
        changed = differences(before, _settings(calendar))
        if changed.keys() - {"name"}:
            policies = await session.scalars(sa.select(SlaPolicy).where(col(SlaPolicy.calendar_id) == calendar_id))
            for policy in list(policies):
                await renew_terms(session, policy)
                await refresh_tickets(session, caller, promised_by(policy))
        await session.flush()
        if changed:
            await audit(session, caller, "calendar.replaced", "calendar", calendar_id, changed)
        return CalendarView.model_validate(calendar)


@router.delete("/calendars/{calendar_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_calendar(calendar_id: UUID, caller: Writer, service: Service) -> None:
    """Deletes a calendar that no policy counts by; 409 `calendar_in_use` otherwise."""
    async with service.database.transaction(caller.tenant_id) as session:
        calendar = await _calendar(session, calendar_id)
        used = sa.select(col(SlaPolicy.id)).where(col(SlaPolicy.calendar_id) == calendar_id).limit(1)
        if await session.scalar(used):
            raise conflict("calendar_in_use", "A service level policy counts by this calendar.")
        await session.delete(calendar)
        await session.flush()
        await audit(session, caller, "calendar.deleted", "calendar", calendar_id, _settings(calendar))


@router.get("/sla-policies")
async def list_sla_policies(caller: Reader, service: Service, paging: PagingDep) -> Page[SlaPolicyView]:
    """The tenant's service level policies, by name."""
    order = order_of("name", {"name": SlaPolicy.name}, SlaPolicy.id)
    query = sa.select(SlaPolicy).where(col(SlaPolicy.tenant_id) == caller.tenant_id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[SlaPolicyView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.post("/sla-policies", status_code=HTTPStatus.CREATED, response_model=SlaPolicyView)
async def create_sla_policy(body: SlaPolicyBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Makes a policy; the default one is that of every ticket whose customer and category name no other."""

    async def create(session: AsyncSession) -> UUID:
        policy = SlaPolicy(tenant_id=caller.tenant_id, **stored(body))
        await _check_policy(session, policy)
        session.add(policy)
        await renew_terms(session, policy)
        await audit(session, caller, "sla_policy.created", "sla_policy", policy.id, _settings(policy))
        return policy.id

    async def read(session: AsyncSession, policy_id: UUID) -> SlaPolicyView:
        return SlaPolicyView.model_validate(await _policy(session, policy_id))

    return await create_once(asked, caller, "sla_policies.create", create=create, at="/sla-policies/{}", read=read)


@router.get("/sla-policies/{policy_id}")
async def get_sla_policy(policy_id: UUID, caller: Reader, service: Service) -> SlaPolicyView:
    """One policy."""
    async with service.database.transaction(caller.tenant_id) as session:
        return SlaPolicyView.model_validate(await _policy(session, policy_id))


@router.put("/sla-policies/{policy_id}")
async def replace_sla_policy(policy_id: UUID, body: SlaPolicyBody, caller: Writer, service: Service) -> SlaPolicyView:
    """Replaces a policy: open tickets keep what their clocks have consumed and get new deadlines."""
    async with service.database.transaction(caller.tenant_id) as session:
        policy = await _policy(session, policy_id)
        before = _settings(policy)
        for name, value in stored(body).items():
            setattr(policy, name, value)
        with session.no_autoflush:
            await _check_policy(session, policy)
        changed = differences(before, _settings(policy))
        if changed.keys() - {"name", "is_default"}:
            await renew_terms(session, policy)
            await refresh_tickets(session, caller, promised_by(policy))
        await session.flush()
        if changed:
            await audit(session, caller, "sla_policy.replaced", "sla_policy", policy_id, changed)
        return SlaPolicyView.model_validate(policy)


@router.delete("/sla-policies/{policy_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_sla_policy(policy_id: UUID, caller: Writer, service: Service) -> None:
    """Deletes a policy that nothing was ever promised by; 409 `sla_policy_in_use` otherwise."""
    async with service.database.transaction(caller.tenant_id) as session:
        policy = await _policy(session, policy_id)
        terms = sa.select(col(SlaTerms.id)).where(col(SlaTerms.policy_id) == policy_id)
        users = (
            sa.select(col(Ticket.id)).where(col(Ticket.sla_terms_id).in_(terms)),
            sa.select(col(Customer.id)).where(col(Customer.sla_policy_id) == policy_id),
            sa.select(col(TicketCategory.id)).where(col(TicketCategory.sla_policy_id) == policy_id),
        )
        for user in users:
            if await session.scalar(user.limit(1)):
                raise conflict("sla_policy_in_use", "Tickets, customers or categories go by this policy.")
        await session.execute(sa.delete(SlaTerms).where(col(SlaTerms.policy_id) == policy_id))
        await session.delete(policy)
        await session.flush()
        await audit(session, caller, "sla_policy.deleted", "sla_policy", policy_id, _settings(policy))


async def _calendar(session: AsyncSession, calendar_id: UUID) -> Calendar:
    calendar = await session.get(Calendar, calendar_id)
    if calendar is None:
        raise not_found("calendar")
    return calendar


async def _policy(session: AsyncSession, policy_id: UUID) -> SlaPolicy:
    policy = await session.get(SlaPolicy, policy_id)
    if policy is None:
        raise not_found("service level policy")
    return policy


def _settings(row: Calendar | SlaPolicy) -> dict[str, Any]:
    """All that an administrator sets, as the audit keeps it."""
    own = {"calendar_id": row.calendar_id, "is_default": row.is_default} if isinstance(row, SlaPolicy) else {}
    return {"name": row.name, **own, **definition(row)}


def stored(body: CalendarBody | SlaPolicyBody) -> dict[str, Any]:
    """What a payload says, as its row holds it."""
    fields = body.model_dump(mode="json")
    for window, given in zip(fields.get("windows", ()), getattr(body, "windows", ()), strict=True):
        window |= {"opens": given.opens, "closes": given.closes}
    if fields.get("calendar_id"):
        fields["calendar_id"] = UUID(fields["calendar_id"])
    return fields


async def _check_calendar(session: AsyncSession, calendar: Calendar) -> None:
    calendar_of(definition(calendar))
    with session.no_autoflush:
        await _name_is_free(session, Calendar, calendar.id, calendar.name)


async def _check_policy(session: AsyncSession, policy: SlaPolicy) -> None:
    if await session.get(Calendar, policy.calendar_id) is None:
        raise field_error("calendar_id", "unknown", "There is no calendar with this id.")
    for place, step in enumerate(policy.escalations):
        # Whether a step needs a target at all is the domain's to say.
        if step["target"] and not await target_exists(session, EscalationAction(step["action"]), step["target"]):
            raise field_error(f"escalations.{place}.target", "unknown", "There is no such role or group.")
    await _name_is_free(session, SlaPolicy, policy.id, policy.name)
    if policy.is_default:
        await session.execute(
            sa.update(SlaPolicy)
            .where(col(SlaPolicy.tenant_id) == policy.tenant_id, col(SlaPolicy.id) != policy.id)
            .values(is_default=False)
        )


async def _name_is_free(
    session: AsyncSession, model: type[Calendar] | type[SlaPolicy], own_id: UUID, name: str
) -> None:
    taken = sa.select(col(model.id)).where(col(model.name) == name, col(model.id) != own_id).limit(1)
    if await session.scalar(taken):
        raise conflict("name_taken", "Another one has this name.")
