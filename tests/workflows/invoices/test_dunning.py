"""Dunning over sixty days, weekends and holidays: each reminder once, in business hours, and none when all is paid."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx2
import pytest

from tests.workflows.invoices.life import TOTAL, InvoiceLife, write_invoice
from tests.workflows.world import World

ALGIERS = ZoneInfo("Africa/Algiers")
A_DAY = timedelta(days=1)
WEEKEND = (4, 5)
"""Friday and Saturday."""


@asynccontextmanager
async def holidays(world: World, *days: date) -> AsyncIterator[httpx2.AsyncClient]:
    """The company is shut on these days too, and on no other but its weekends."""
    admin = await world.person("admin")
    before = (await admin.get("/calendars")).json()["items"][0]
    path, body = f"/calendars/{before['id']}", {name: value for name, value in before.items() if name != "id"}
    changed = {**body, "holiday_country": None, "holidays_added": {day.isoformat(): "Holiday" for day in days}}
    assert (await admin.put(path, json=changed)).status_code == 200
    yield admin
    assert (await admin.put(path, json=body)).status_code == 200


def opening(day: date, shut: tuple[date, ...] = ()) -> date:
    """The first day, from this one on, on which the company opens."""
    while day.weekday() in WEEKEND or day in shut:
        day += A_DAY
    return day


async def late(world: World, due: date) -> InvoiceLife:
    """An invoice that is due at the end of a day."""
    now = (await world.now()).astimezone(ALGIERS)
    life = await write_invoice(world, due_days=(due - now.date()).days)
    await life.issued()
    return life


async def a_friday(world: World) -> date:
    """The next one that is some days ahead."""
    day = (await world.now()).astimezone(ALGIERS).date() + 2 * A_DAY
    while day.weekday() != 4:
        day += A_DAY
    return day


def local(event: dict[str, str]) -> datetime:
    return datetime.fromisoformat(event["at"]).astimezone(ALGIERS)


async def test_each_reminder_comes_once_when_the_company_is_open(world: World) -> None:
    # Three days after a Tuesday it is Friday; ten after it, Friday too; twenty after it, Monday.
    due = await a_friday(world) - 3 * A_DAY + 7 * A_DAY
    shut = (due + 5 * A_DAY, due + 20 * A_DAY)
    async with holidays(world, *shut):
        life = await late(world, due)
        await life.passes(60 * A_DAY)
        kinds = await life.happens("handed_over")
    assert kinds == ["opened", "issued", "sent", "overdue", "dunned", "dunned", "dunned", "handed_over"]
    assert local((await life.events("overdue"))[0]).date() == due + A_DAY
    reminders = [local(event) for event in await life.events("dunned")]
    expected = [opening(due + days * A_DAY, shut) for days in (3, 10, 20)]
    assert [at.date() for at in reminders] == expected
    assert expected[0] == due + 6 * A_DAY, "a weekend, and a holiday after it"
    assert {(at.hour, at.minute) for at in reminders} == {(8, 0)}
    assert local((await life.events("handed_over"))[0]).date() == opening(due + 30 * A_DAY)
    subjects = await life.mails(4)
    assert [sum(word in subject for subject in subjects) for word in ("] Rappel", "Deuxième", "Dernier")] == [1, 1, 1]
    task = await life.task("invoice_unpaid")
    assert (await life.paid(TOTAL))["status"] == "paid"
    assert (await life.happens("paid"))[-1] == "paid"
    answer = await (await world.person("manager")).get(f"/reviews/{task['id']}")
    assert answer.json()["status"] == "cancelled"


async def test_a_holiday_that_is_declared_meanwhile_puts_a_reminder_off(world: World) -> None:
    due = await a_friday(world) - 5 * A_DAY + 7 * A_DAY
    async with holidays(world):
        life = await late(world, due)
        await life.days_after_due(1)
        await life.happens("overdue")
    # It is planned by now for Wednesday.
    async with holidays(world, due + 3 * A_DAY):
        await life.days_after_due(9)
        kinds = await life.happens("dunned")
    assert kinds[-3:] == ["overdue", "dunning_postponed", "dunned"]
    assert local((await life.events("dunned"))[0]).date() == due + 4 * A_DAY
    assert len(await life.mails(2)) == 2


@pytest.mark.parametrize("ending", ["paid", "cancelled"])
async def test_nothing_comes_after_payment_or_cancellation(world: World, ending: str) -> None:
    due = await a_friday(world) - 3 * A_DAY + 7 * A_DAY
    life = await late(world, due)
    await life.days_after_due(8)
    await life.happens("dunned")
    # A part of it changes nothing about that.
    assert (await life.paid(100_00))["status"] == "overdue"
    if ending == "paid":
        await life.paid(TOTAL - 100_00)
    else:
        await life.done("manager", "cancel", reason="Canary")
    before = await life.kinds()
    await world.environment.sleep(30 * A_DAY)
    assert await life.kinds() == before
    assert before.count("dunned") == 1
