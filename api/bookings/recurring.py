"""Who books what again and again: checks that a payload can become a series, and asks for it."""

from datetime import UTC, datetime

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api.bookings.availability import bookable
from api.bookings.placing import require_member, whose
from api.bookings.series_schemas import SeriesBody
from api.bookings.views import BOOKING_SERIES
from api.cases.commands import Asking, ask_to_open
from api.http.problems import field_error
from api.identity.callers import Caller
from domain.bookings.recurrence import LAST, occurrences, read
from domain.bookings.rules import BookingType, require_offered
from domain.refusal import Refusal
from models.bookings import BookingSeries


async def open_series(asked: Asking, caller: Caller, body: SeriesBody) -> Response:
    """Asks for a series to be opened, and answers with it.

    Raises 422 for what is unknown, and for a rule that bookings cannot recur by; Refusal `type_not_offered`,
    `slot_in_past`.
    """
    series_id = uuid7()

    async def content(session: AsyncSession) -> None:
        service = await bookable(session, caller.tenant_id, body.service_id)
        require_offered(BookingType.RECURRING, service.booking_types)
        if body.start <= datetime.now(UTC):
            raise Refusal("slot_in_past", "This time has passed.")
        _require_rule(body, service.timezone)
        await require_member(session, service.id, body.team_member_id)
        session.add(
            BookingSeries(
                id=series_id,
                tenant_id=caller.tenant_id,
                service_id=service.id,
                team_member_id=body.team_member_id,
                rule=body.rule,
                timezone=service.timezone,
                starts_at=body.start,
                on_conflict=body.on_conflict,
                notes=body.notes,
                **await whose(session, caller, body),
            )
        )

    return await ask_to_open(asked, caller, BOOKING_SERIES, series_id, content=content)


def _require_rule(body: SeriesBody, timezone: str) -> None:
    try:
        occurrences(read(body.rule), body.start, timezone, None, LAST, 1)
    except Refusal as refusal:
        raise field_error("rule", refusal.code, refusal.sentence) from None
