"""Staff decide about mails, and what is decided is decided once."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col

from domain.mail.states import HeldFor, MailState
from models.audit import AuditRow
from models.mail import Mail
from tests.api.house import Company, Person, code_of
from tests.api.mail.post import came


@pytest.fixture(scope="module")
async def agent(company: Company) -> Person:
    return await company.member("agent")


async def held(company: Company, **given: Any) -> Mail:
    return await came(company, **{"state": MailState.HELD, "held_for": HeldFor.UNAUTHENTICATED} | given)


async def audited(company: Company, mail: Mail) -> list[str]:
    async with company.house.database.transaction(mail.tenant_id) as session:
        told = sa.select(col(AuditRow.action)).where(col(AuditRow.entity_id) == mail.id)
        return list(await session.scalars(told.order_by(col(AuditRow.sequence))))


async def row_of(company: Company, mail: Mail) -> Mail:
    async with company.house.database.transaction(mail.tenant_id) as session:
        return await session.get_one(Mail, mail.id)


async def test_a_held_mail_is_accepted_once_and_decided_about_anew(company: Company, agent: Person) -> None:
    mail = await held(company)

    answer = await agent.http.post(f"/mail/messages/{mail.id}/accept")

    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["reprocessed"]) == ("received", 1)
    again = await agent.http.post(f"/mail/messages/{mail.id}/accept")
    assert (again.status_code, code_of(again)) == (409, "mail_settled")
    assert await audited(company, mail) == ["mail.accepted"]
    wish = (await row_of(company, mail)).wish
    assert wish is not None
    assert UUID(wish["accepted_by"]) == UUID(agent.id)


async def test_the_same_key_decides_once(company: Company, agent: Person) -> None:
    mail = await held(company)
    headers = {"Idempotency-Key": uuid4().hex}
    answers = [await agent.http.post(f"/mail/messages/{mail.id}/accept", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert await audited(company, mail) == ["mail.accepted"]


async def test_spam_and_no_spam(company: Company, agent: Person) -> None:
    mail = await held(company)
    for deed, state in (("spam", "spam"), ("not-spam", "received")):
        answer = await agent.http.post(f"/mail/messages/{mail.id}/{deed}")
        assert (answer.status_code, answer.json()["state"]) == (200, state)
    assert await audited(company, mail) == ["mail.called_spam", "mail.called_no_spam"]


async def test_what_is_in_a_ticket_is_settled(company: Company, agent: Person) -> None:
    mail = await came(company, state=MailState.OPENED)
    for deed in ("spam", "not-spam", "accept", "reprocess"):
        answer = await agent.http.post(f"/mail/messages/{mail.id}/{deed}")
        assert (answer.status_code, code_of(answer)) == (409, "mail_settled"), deed


async def test_what_has_no_bytes_is_not_read_again(company: Company, agent: Person) -> None:
    mail = await came(company, raw=None, state=MailState.FAILED)
    answer = await agent.http.post(f"/mail/messages/{mail.id}/reprocess")
    assert (answer.status_code, code_of(answer)) == (409, "raw_mail_gone")


async def test_a_mail_is_accepted_into_a_ticket_that_there_is(company: Company, agent: Person) -> None:
    mail = await held(company)
    answer = await agent.http.post(f"/mail/messages/{mail.id}/accept", json={"ticket_id": str(uuid4())})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "ticket_id")
    assert (await row_of(company, mail)).state is MailState.HELD


async def test_a_deleted_mail_has_no_words_and_does_not_come_again(company: Company, agent: Person) -> None:
    mail = await came(company, digest=uuid4().hex)
    refused = await agent.http.delete(f"/mail/messages/{mail.id}")
    assert refused.status_code == 403

    assert (await company.admin.http.delete(f"/mail/messages/{mail.id}")).status_code == 204

    read = (await agent.http.get(f"/mail/messages/{mail.id}")).json()
    words = {name: read[name] for name in ("text", "html", "subject", "sender_name", "recipients")}
    assert (read["state"], set(words.values()), read["headers"], read["has_raw"]) == ("deleted", {None}, [], False)
    row = await row_of(company, mail)
    assert (row.digest, row.message_id) == (mail.digest, mail.message_id)
    with pytest.raises(FileNotFoundError):
        await company.house.services.files.get(str(mail.raw_key), 0, 1)
    twice = await company.admin.http.delete(f"/mail/messages/{mail.id}")
    assert (twice.status_code, code_of(twice)) == (409, "mail_settled")
    assert await audited(company, mail) == ["mail.deleted"]
