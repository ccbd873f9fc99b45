"""Codes that make a booking cheaper."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.audit.entries import audit
from api.bookings.bodies import given, made_of
from api.bookings.offers import hold_services
from api.bookings.promo_code_schemas import EditPromoCodeBody, PromoCodeBody, PromoCodeView
from api.cases.commands import AskingAnewDep, create_once
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page
from api.http.problems import conflict, field_error, not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.people.permissions import Permission
from models.bookings import Booking
from models.services import PromoCode
from models.tenants import Tenant

router = Router(prefix="/promo-codes", tags=["bookings"])

ServicesDep = Annotated[Services, Depends(services)]
Writer = Annotated[Caller, Depends(needs(Permission.BOOKINGS_SET_UP))]

_CAN_BE_WITHOUT = frozenset({"percent_bp", "amount", "currency", "valid_from", "valid_until", "max_uses"})


@router.get("")
async def list_promo_codes(caller: Writer, service: ServicesDep, paging: PagingDep) -> Page[PromoCodeView]:
    """The tenant's codes, in the order of the alphabet."""
    order = order_of("code", {"code": PromoCode.code}, PromoCode.id)
    query = sa.select(PromoCode).where(col(PromoCode.tenant_id) == caller.tenant_id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[PromoCodeView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.post("", status_code=HTTPStatus.CREATED, response_model=PromoCodeView)
async def create_promo_code(body: PromoCodeBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Makes a code; 409 `code_taken` when there is one already that reads the same."""

    async def create(session: AsyncSession) -> UUID:
        promo = PromoCode(tenant_id=caller.tenant_id, **made_of(body))
        await _check(session, promo)
        await hold_services(session, caller.tenant_id, promo.service_ids)
        session.add(promo)
        await session.flush()
        await audit(session, caller, "promo_code.created", "promo_code", promo.id)
        return promo.id

    async def read(session: AsyncSession, promo_code_id: UUID) -> PromoCodeView:
        return PromoCodeView.model_validate(await _find(session, caller, promo_code_id))

    return await create_once(asked, caller, "promo_codes.create", create=create, at="/promo-codes/{}", read=read)


@router.get("/{promo_code_id}")
async def get_promo_code(promo_code_id: UUID, caller: Writer, service: ServicesDep) -> PromoCodeView:
    """One code."""
    async with service.database.transaction(caller.tenant_id) as session:
        return PromoCodeView.model_validate(await _find(session, caller, promo_code_id))


@router.patch("/{promo_code_id}")
async def edit_promo_code(
    promo_code_id: UUID, body: EditPromoCodeBody, caller: Writer, service: ServicesDep
) -> PromoCodeView:
    """Changes a code; what has been booked with it keeps its price.

    409 `promo_in_use` when it was used more often already than it may be.
    """
    values = given(body, can_be_without=_CAN_BE_WITHOUT)
    if "amount" in values and values["amount"] is None:
        values.setdefault("currency", None)
    async with service.database.transaction(caller.tenant_id) as session:
        promo = await _find(session, caller, promo_code_id, lock=True)
        for name, value in values.items():
            setattr(promo, name, value)
        with session.no_autoflush:
            await _check(session, promo)
            await hold_services(session, caller.tenant_id, values.get("service_ids", []))
        await session.flush()
        if values:
            await audit(session, caller, "promo_code.edited", "promo_code", promo_code_id, {"fields": sorted(values)})
        return PromoCodeView.model_validate(promo)


@router.delete("/{promo_code_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_promo_code(promo_code_id: UUID, caller: Writer, service: ServicesDep) -> None:
    """Removes a code that nothing was booked with; 409 `promo_in_use` otherwise: end its validity instead."""
    async with service.database.transaction(caller.tenant_id) as session:
        promo = await session.scalar(_named(caller, promo_code_id).with_for_update())
        if promo is None:
            raise not_found("promo code")
        booked = sa.select(col(Booking.id)).where(col(Booking.promo_code_id) == promo_code_id).limit(1)
        if promo.used or await session.scalar(booked):
            raise conflict("promo_in_use", "Bookings were made with this code: end its validity instead.")
        await session.delete(promo)
        await session.flush()
        await audit(session, caller, "promo_code.deleted", "promo_code", promo_code_id)


def _named(caller: Caller, promo_code_id: UUID) -> sa.Select[PromoCode]:
    return sa.select(PromoCode).where(col(PromoCode.tenant_id) == caller.tenant_id, col(PromoCode.id) == promo_code_id)


async def _find(session: AsyncSession, caller: Caller, promo_code_id: UUID, *, lock: bool = False) -> PromoCode:
    query = _named(caller, promo_code_id)
    promo: PromoCode | None = await session.scalar(query.with_for_update(key_share=True) if lock else query)
    if promo is None:
        raise not_found("promo code")
    return promo


async def _check(session: AsyncSession, promo: PromoCode) -> None:
    """Raises Problem when there cannot be such a code. An amount without a currency is in the tenant's."""
    if (promo.percent_bp is None) == (promo.amount is None):
        field = "percent_bp" if promo.percent_bp is None else "amount"
        raise field_error(field, "percent_or_amount", "It takes off either a percentage or an amount.")
    if promo.amount is None and promo.currency is not None:
        raise field_error("currency", "only_of_an_amount", "A percentage has no currency.")
    if promo.valid_from and promo.valid_until and promo.valid_from >= promo.valid_until:
        raise field_error("valid_until", "never_valid", "It ends before it begins.")
    if promo.max_uses is not None and promo.max_uses < promo.used:
        raise conflict("promo_in_use", f"This code was used {promo.used} times already.")
    taken = sa.select(col(PromoCode.id)).where(
        col(PromoCode.tenant_id) == promo.tenant_id, col(PromoCode.code) == promo.code, col(PromoCode.id) != promo.id
    )
    if await session.scalar(taken):
        raise conflict("code_taken", "Another code reads the same.")
    if promo.amount is not None and promo.currency is None:
        promo.currency = (await session.get_one(Tenant, promo.tenant_id)).currency
