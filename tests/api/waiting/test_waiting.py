"""What waits, asked of the API: every open case of all kinds, once; and what does not go on."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from api.registry import KINDS
from domain.cases import CaseKind, CommandStatus, DeliveryStatus, Party
from models.cases import CommandRow, DeliveryRow
from models.failing import FailingActivity
from tests.api.house import Company
from tests.api.waiting.open_cases import Opened, open_cases

MANY = 2_000


@pytest.fixture(scope="module")
async def opened(company: Company) -> list[Opened]:
    return await open_cases(company, MANY)


async def all_of(company: Company, **asked: Any) -> list[dict[str, Any]]:
    """All pages, one after the other."""
    found, cursor = list[dict[str, Any]](), None
    while True:
        answer = await company.admin.http.get("/waiting", params={"limit": 200, "cursor": cursor, **asked})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if not (cursor := answer.json()["next_cursor"]):
            return found


def as_opened(item: dict[str, Any]) -> Opened:
    kind, case_id = CaseKind(item["case"]["kind"]), UUID(item["case"]["id"])
    assert item["workflow_id"] == f"{kind}/{case_id}"
    assert (item["task"] is None) is (item["party"] != Party.ROLE)
    return Opened(kind, case_id, Party(item["party"]), datetime.fromisoformat(item["since"]))


async def test_each_open_case_is_there_once_as_its_events_say(company: Company, opened: list[Opened]) -> None:
    found = [as_opened(item) for item in await all_of(company)]
    assert found == sorted(opened, key=lambda each: each.since)


@pytest.mark.parametrize("party", Party)
async def test_by_whom_it_waits_for(company: Company, opened: list[Opened], party: Party) -> None:
    found = {as_opened(item).id for item in await all_of(company, party=party)}
    assert found == {each.id for each in opened if each.party is party}


async def test_by_kind(company: Company, opened: list[Opened]) -> None:
    found = await all_of(company, kind=[CaseKind.QUOTE, CaseKind.KYC], party=[Party.US, Party.ROLE])
    wanted = {
        each.id
        for each in opened
        if each.kind in (CaseKind.QUOTE, CaseKind.KYC) and each.party in (Party.US, Party.ROLE)
    }
    assert {as_opened(item).id for item in found} == wanted


async def test_the_total_where_it_is_asked_for(company: Company, opened: list[Opened]) -> None:
    answer = await company.admin.http.get("/waiting", params={"count": True, "limit": 1})
    assert answer.json()["total"] == MANY


def test_each_state_that_is_not_over_says_whom_it_waits_for() -> None:
    for entry in KINDS.values():
        state = entry.aggregate.state
        statuses = entry.aggregate.model.model_fields["status"].annotation
        nobody = {status for status in statuses if status not in entry.waits_for and not state(status=status).over}
        assert nobody == ({"closed"} if entry.kind is CaseKind.TICKET else set()), entry.kind


async def test_who_does_not_look_after_it_is_refused(company: Company) -> None:
    for role, status in (("agent", 403), ("manager", 200)):
        assert (await (await company.member(role)).http.get("/waiting")).status_code == status


async def test_a_cursor_of_another_list_is_refused(company: Company) -> None:
    answer = await company.admin.http.get("/waiting", params={"cursor": "e30="})
    assert answer.status_code == 422


async def stuck(company: Company) -> httpx2.Response:
    return await company.admin.http.get("/waiting", params={"limit": 1})


async def test_what_does_not_go_on_stands_on_top(other_company: Company) -> None:
    company = other_company
    tenant_id, account_id = UUID(company.admin.me["tenant"]["id"]), UUID(company.admin.id)
    [case] = await open_cases(company, 1)
    now = datetime.now(UTC)
    of_case = {"tenant_id": tenant_id, "case_kind": case.kind, "case_id": case.id}
    command = {**of_case, "kind": "ticket.reply", "arguments": {}, "correlation_id": "", "fingerprint": ""}
    message = {**of_case, "channel": "email", "template": "ticket_closed", "recipient_id": account_id, "context": {}}
    message |= {"correlation_id": "", "due_at": now, "attempts": 3}
    failing = {"tenant_id": tenant_id, "activity": "ticket.take_step", "attempts": 4, "fault": "ValueError"}
    failing |= {"workflow_id": f"{case.kind}/{case.id}", "activity_id": "1", "since": now, "failed_at": now}
    old, fresh = uuid7(), uuid7()
    failed, put_off, waits = uuid7(), uuid7(), uuid7()
    async with company.house.database.transaction(tenant_id) as session:
        for command_id, age in ((old, 31), (fresh, 5)):
            created_at = now - timedelta(seconds=age)
            await session.execute(sa.insert(CommandRow).values(**command, id=command_id, created_at=created_at))
        for message_id, status, code in (
            (failed, DeliveryStatus.FAILED, "refused"),
            (put_off, DeliveryStatus.SENDING, "put_off"),
            (waits, DeliveryStatus.PENDING, None),
        ):
            about = {"id": message_id, "step_id": uuid7(), "status": status, "error_code": code}
            await session.execute(sa.insert(DeliveryRow).values(**message, **about))
        await session.execute(sa.insert(FailingActivity).values(**failing))
    found = (await stuck(company)).json()["stuck"]
    assert {each["case"]["number"] for each in found} == {"N-0"}
    assert {each["workflow_id"] for each in found} == {f"{case.kind}/{case.id}"}
    by_what = {what: [each["id"] for each in found if each["what"] == what] for what in ("command", "delivery")}
    assert by_what == {"command": [str(old)], "delivery": [str(put_off), str(failed)]}
    [task] = [each for each in found if each["what"] == "task"]
    assert task["due_at"] < now.isoformat()
    [activity] = [each for each in found if each["what"] == "activity"]
    assert (activity["kind"], activity["tries"], activity["code"]) == ("ticket.take_step", 4, "ValueError")
    async with company.house.database.transaction(tenant_id) as session:
        settled = {"status": CommandStatus.DONE, "settled_at": now}
        await session.execute(sa.update(CommandRow).values(settled))
    assert "command" not in {each["what"] for each in (await stuck(company)).json()["stuck"]}
