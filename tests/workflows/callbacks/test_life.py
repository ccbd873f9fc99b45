"""What people and time do to a callback."""

from datetime import timedelta
from typing import Any

from tests.stack.mails import text_of
from tests.workflows.world import Life, World, eventually

A_DAY, A_MINUTE, A_SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
PHONE = "+213 550 12 34 56"
GIVEN_UP = "client@acme.example: [{}] Nous n’avons pas pu vous appeler"


class CallbackLife(Life):
    kind = "callback"
    path = "/callbacks/{}"

    async def planned(self, ahead: timedelta) -> dict[str, Any]:
        """Planned by an agent for so long ahead."""
        answer = await self.does("agent", "plan", at=(await self.world.now() + ahead).isoformat())
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def task(self) -> dict[str, Any]:
        """The callback's task, whatever has become of it."""
        return (await self.tasks())[0]

    async def decided(self, **decision: Any) -> None:
        """Decided by an agent."""
        path = f"/reviews/{(await self.task())['id']}/decision"
        answer = await (await self.world.person("agent")).post(path, json=decision)
        assert answer.status_code == 200, answer.text

    async def letters(self, count: int) -> list[Any]:
        """The mails about the callback, once there are as many."""

        async def look() -> list[Any]:
            return self.world.postbox.letters(self.number)

        return await eventually(look, lambda mails: len(mails) >= count)


async def ask(world: World, **given: Any) -> CallbackLife:
    """A new callback of acme's client."""
    body = {"phone": PHONE, "topic": "Canary topic", **given}
    answer = await (await world.person("client")).post("/callbacks", json=body)
    assert answer.status_code == 201, answer.text
    return CallbackLife(world, answer.json())


async def test_it_is_planned_reminded_of_and_made(world: World) -> None:
    life = await ask(world)
    assert life.number.startswith("CB-")
    assert (life.opened["status"], life.opened["phone"], life.opened["version"]) == ("open", "+213550123456", 1)
    planned = await life.planned(timedelta(hours=3))
    assert (await life.task())["due_at"] == planned["planned_at"]
    [told] = await life.letters(1)
    assert (told["To"], "appellerons le" in told["Subject"]) == ("client@acme.example", True)
    await life.until(planned["planned_at"], -16 * A_MINUTE)
    assert await life.kinds() == ["opened", "planned"]
    await life.until(planned["planned_at"], -15 * A_MINUTE + A_SECOND)
    await life.happens("task_reminded")
    reminder = next(mail for mail in await life.letters(2) if mail["To"] == "agent@acme.example")
    assert f"/inbox/{(await life.task())['id']}" in text_of(reminder)
    await life.decided(decision="done")
    assert (await life.read())["status"] == "done"
    again = await life.does("agent", "plan", at=(await world.now() + A_DAY).isoformat())
    assert (again.status_code, again.json()["code"]) == (409, "callback_settled")
    assert await life.kinds() == ["opened", "planned", "task_reminded", "done"]
    assert [mail["To"] for mail in await life.letters(2)].count("client@acme.example") == 1


async def test_planned_anew_it_is_reminded_of_before_the_new_time_only(world: World) -> None:
    life = await ask(world)
    first = await life.planned(timedelta(hours=2))
    second = await life.planned(timedelta(hours=5))
    same = await life.does("agent", "plan", at=second["planned_at"])
    assert (same.status_code, same.json()["code"]) == (409, "nothing_changes")
    await life.until(first["planned_at"], A_MINUTE)
    assert await life.kinds() == ["opened", "planned", "planned"]
    await life.until(second["planned_at"])
    await life.happens("task_reminded")
    assert (await life.kinds()).count("task_reminded") == 1
    assert sum("appellerons le" in subject for subject in await life.mails(3)) == 2


async def test_planned_for_now_nobody_is_reminded(world: World) -> None:
    life = await ask(world)
    planned = await life.planned(10 * A_MINUTE)
    await life.until(planned["planned_at"])
    assert await life.kinds() == ["opened", "planned"]


async def test_nobody_calls_and_it_is_given_up(world: World) -> None:
    life = await ask(world)
    await life.until(life.opened["status_since"], 7 * A_DAY - A_MINUTE)
    assert (await life.read())["status"] == "open"
    await life.passes(2 * A_MINUTE)
    await life.becomes("given_up")
    assert await life.mails(1) == [GIVEN_UP.format(life.number)]
    assert (await life.task())["status"] == "cancelled"
    seen = (await (await world.person("client")).get(f"{life.url}/timeline")).json()["items"]
    assert [event["kind"] for event in seen] == ["opened", "given_up"]
    assert seen[1]["reason"] == "Nobody has called for 7 days."
    assert all("tasks" not in event["changes"] for event in seen)
    await eventually(life.history, _ended)


async def test_the_days_count_from_the_last_appointment(world: World) -> None:
    life = await ask(world)
    planned = await life.planned(2 * A_DAY)
    await life.until(planned["planned_at"], 7 * A_DAY - A_MINUTE)
    assert (await life.read())["status"] == "planned"
    await life.passes(2 * A_MINUTE)
    await life.becomes("given_up")


async def test_staff_give_it_up_with_a_reason_that_stays_in_the_database(world: World) -> None:
    life = await ask(world)
    await life.decided(decision="reject", reason="Canary: wrong number")
    assert (await life.read())["status"] == "given_up"
    assert await life.mails(1) == [GIVEN_UP.format(life.number)]


def _ended(history: Any) -> bool:
    return history.events[-1].HasField("workflow_execution_completed_event_attributes")
