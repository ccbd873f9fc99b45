"""Many places at once go where one after another would, looked for among all that is taken."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from domain.bookings.availability import MemberTerms, ServiceTerms, Taken, pick_member
from domain.calendar import BusinessCalendar
from domain.refusal import Refusal
from models.services import Service
from stores.bookings.diary import Diary
from stores.bookings.seats import Seating

FIRST = datetime(2026, 12, 1, tzinfo=UTC)
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
SERVICE, MEMBERS = UUID(int=9), [UUID(int=number) for number in range(1, 5)]
HOURS = BusinessCalendar("Europe/Paris", always_open=True)


def _busy(random: Random, days: int) -> list[Taken]:
    """What takes the members' time: some hours mostly, some of it for days; what overlaps is in lanes of its own."""
    taken = []
    for lane, member in ((lane, member) for lane in (0, 1) for member in MEMBERS):
        at = FIRST - 8 * A_DAY
        while at < FIRST + (days + 8) * A_DAY:
            length = random.choice([AN_HOUR, AN_HOUR, 5 * AN_HOUR, 70 * AN_HOUR])
            at += random.randrange(1, 30) * AN_HOUR
            taken.append(Taken(member, UUID(int=8), lane, at, at + length, at - AN_HOUR / 2, at + length))
            at += length + AN_HOUR / 2
    return taken


def _diary(taken: list[Taken], counts: Counter[Any], cap: int | None) -> Diary:
    terms = ServiceTerms(60, HOURS, max_advance_days=400, buffer_after_minutes=30, daily_cap=cap)
    members = tuple(MemberTerms(each, HOURS, max_concurrent=2, buffer_minutes=15) for each in MEMBERS)
    service = Service(id=SERVICE, tenant_id=UUID(int=7), capacity=1)
    return Diary(service, terms, members, tuple(taken), counts)


@pytest.mark.parametrize("seed", range(4))
def test_each_goes_where_it_would_go_alone(seed: int) -> None:
    random = Random(seed)
    cap = 2 if seed % 2 else None
    everything = _diary(_busy(random, 30), Counter(), cap)
    seating = Seating(None, replace(everything, day_counts=Counter()), FIRST, None, {}, defaultdict(set))  # type: ignore[arg-type]
    for _ in range(120):
        start = FIRST + random.randrange(30 * 24) * AN_HOUR
        seating.prefer = None
        try:
            slot = everything.slot_at(FIRST, start)
            expected: Any = pick_member(slot, everything.load(start))
        except Refusal as refusal:
            with pytest.raises(Refusal, match=str(refusal)):
                seating.take(uuid7(), start)
            continue
        seated = seating.take(uuid7(), start)
        assert (seated.team_member_id, seated.starts_at) == (expected.member_id, start)
        blocked = (start - AN_HOUR / 4, start + AN_HOUR + AN_HOUR / 2)
        mine = Taken(expected.member_id, SERVICE, expected.lane, start, start + AN_HOUR, *blocked)
        counts = everything.day_counts + Counter([HOURS.local(start).date()])
        everything = replace(everything, taken=(*everything.taken, mine), day_counts=counts)
