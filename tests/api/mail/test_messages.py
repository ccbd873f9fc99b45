"""Staff read the mails that came in, and see why each went where it did."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.cases import CaseKind, DeliveryStatus
from domain.mail.reading.reader import read
from domain.mail.states import HeldFor, MailState
from models.audit import AuditRow
from models.cases import DeliveryRow
from models.mail import MailPart
from tests.api.house import Company, Person
from tests.api.mail.post import RAW, came, mailbox_of, ticket_of


@pytest.fixture(scope="module")
async def agent(company: Company) -> Person:
    return await company.member("agent")


@pytest.fixture(scope="module")
async def manager(company: Company) -> Person:
    return await company.member("manager")


async def listed(agent: Person, **filters: Any) -> list[str]:
    answer = await agent.http.get("/mail/messages", params=filters)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


async def test_a_mail_says_what_it_says_and_what_became_of_it(company: Company, agent: Person) -> None:
    mail = await came(
        company,
        state=MailState.HELD,
        held_for=HeldFor.UNAUTHENTICATED,
        quoted="> Hello",
        html="<p>It burns.</p>",
        tried=[{"named": "subject", "who": "stranger"}],
        score_because=[["authentication", 30]],
    )
    async with company.house.database.transaction(mail.tenant_id) as session:
        session.add(
            MailPart(
                tenant_id=mail.tenant_id,
                mail_id=mail.id,
                place=2,
                name="winmail.dat",
                content_type="application/ms-tnef",
                size=7,
                refused="winmail_dat",
            )
        )

    answer = await agent.http.get(f"/mail/messages/{mail.id}")

    read = answer.json()
    assert (read["state"], read["held_for"], read["verdict"]) == ("held", "unauthenticated", "pass")
    assert (read["text"], read["quoted"], read["html"]) == ("It burns.", "> Hello", "<p>It burns.</p>")
    assert read["headers"][1] == {"name": "Subject", "value": "Help"}
    assert [(part["name"], part["refused"]) for part in read["attachments"]] == [("winmail.dat", "winmail_dat")]
    assert read["tried"] == [{"named": "subject", "who": "stranger"}]
    assert read["has_raw"]


async def test_the_list_finds_mails_by_what_is_known_of_them(company: Company, agent: Person) -> None:
    ticket_id = (await ticket_of(company)).id
    word = uuid4().hex
    old = datetime.now(UTC) - timedelta(days=40)
    spam = await came(company, state=MailState.SPAM, subject=f"Pills {word}", received_at=old)
    joined = await came(
        company, ticket_id=ticket_id, state=MailState.JOINED, sender_address=f"ben@{word}.example", subject=None
    )

    assert await listed(agent, q=word.upper()) == [str(joined.id), str(spam.id)]
    assert await listed(agent, q=word, sort="received_at") == [str(spam.id), str(joined.id)]
    assert await listed(agent, q=word, state=["spam", "held"]) == [str(spam.id)]
    assert await listed(agent, ticket_id=str(ticket_id)) == [str(joined.id)]
    assert await listed(agent, **{"from": f"BEN@{word}.example"}) == [str(joined.id)]
    assert await listed(agent, **{"from": f"@{word}.example"}) == [str(joined.id)]
    assert await listed(agent, q=word, received_to=(old + timedelta(days=1)).isoformat()) == [str(spam.id)]
    assert await listed(agent, q=word, account_id=str((await mailbox_of(company)).id), limit=1) == [str(joined.id)]
    assert await listed(agent, account_id=str(uuid4())) == []
    assert await listed(agent, q="100%_nothing") == []


async def test_a_list_is_read_page_by_page(company: Company, agent: Person) -> None:
    word = uuid4().hex
    ids = [str((await came(company, subject=word)).id) for _ in range(3)]
    first = (await agent.http.get("/mail/messages", params={"q": word, "limit": 2, "count": True})).json()
    assert first["total"] == 3
    rest = await listed(agent, q=word, cursor=first["next_cursor"])
    assert [each["id"] for each in first["items"]] + rest == ids[::-1]


async def test_the_bytes_of_a_mail_are_for_few_and_each_access_is_told(
    company: Company, agent: Person, manager: Person
) -> None:
    mail = await came(company)
    refused = await agent.http.get(f"/mail/messages/{mail.id}/raw")
    assert refused.status_code == 403

    answer = await manager.http.get(f"/mail/messages/{mail.id}/raw")

    assert answer.content == RAW
    assert answer.headers["content-type"] == "application/octet-stream"
    async with company.house.database.transaction(mail.tenant_id) as session:
        told = sa.select(AuditRow).where(col(AuditRow.entity_id) == mail.id)
        [entry] = await session.scalars(told)
    assert (entry.action, entry.actor_id) == ("mail.raw_read", UUID(manager.id))
    gone = await came(company, raw=None)
    assert (await manager.http.get(f"/mail/messages/{gone.id}/raw")).status_code == 404


async def test_what_is_kept_as_no_file_is_fetched_out_of_the_mail(
    company: Company, agent: Person, manager: Person
) -> None:
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "ada@customer.example", "Help"
    letter.set_content("Look.")
    letter.add_attachment(b"\x78\x9f\x3e\x22", "application", "ms-tnef", filename="winmail.dat")
    [part] = read(bytes(letter), arrived_at=datetime.now(UTC)).parts
    mail = await came(company, raw=bytes(letter))
    async with company.house.database.transaction(mail.tenant_id) as session:
        known = {"name": part.name, "content_type": part.content_type, "size": part.size, "refused": part.refused}
        session.add(MailPart(tenant_id=mail.tenant_id, mail_id=mail.id, place=part.place, **known))
    address = f"/mail/messages/{mail.id}/attachments"
    assert (await agent.http.get(f"{address}/{part.place}")).status_code == 403

    answer = await manager.http.get(f"{address}/{part.place}")

    assert answer.content == b"\x78\x9f\x3e\x22"
    assert answer.headers["content-disposition"] == 'attachment; filename="winmail.dat"'
    assert (await manager.http.get(f"{address}/{part.place + 1}")).status_code == 404
    async with company.house.database.transaction(mail.tenant_id) as session:
        [entry] = await session.scalars(sa.select(AuditRow).where(col(AuditRow.entity_id) == mail.id))
    assert (entry.action, entry.detail) == ("mail.attachment_read", {"place": part.place, "refused": "winmail_dat"})


async def test_a_thread_has_what_came_and_what_went(company: Company, agent: Person) -> None:
    ticket_id = (await ticket_of(company)).id
    mail = await came(company, ticket_id=ticket_id)
    async with company.house.database.transaction(mail.tenant_id) as session:
        session.add(
            DeliveryRow(
                tenant_id=mail.tenant_id,
                step_id=uuid7(),
                case_kind=CaseKind.TICKET,
                case_id=ticket_id,
                channel="email",
                template="ticket_answered",
                recipient_id=UUID(company.admin.id),
                context={},
                status=DeliveryStatus.SENT,
                sent_at=datetime.now(UTC) + timedelta(seconds=1),
                correlation_id="test",
                due_at=datetime.now(UTC),
            )
        )
    answer = await agent.http.get(f"/mail/messages/{mail.id}/thread")
    assert [(each["direction"], each["status"]) for each in answer.json()] == [("in", "opened"), ("out", "sent")]
    copy = await came(company, state=MailState.DUPLICATE, duplicate_of=mail.id)
    alone = (await agent.http.get(f"/mail/messages/{copy.id}/thread")).json()
    assert [each["id"] for each in alone] == [str(mail.id), str(copy.id)]


async def test_customers_read_no_mail(company: Company) -> None:
    mail = await came(company)
    client = await company.register()
    for path in ("/mail/messages", f"/mail/messages/{mail.id}", f"/mail/messages/{mail.id}/raw"):
        assert (await client.http.get(path)).status_code == 403
