"""A ticket that comes by mail is answered by mail, and goes on by mail, on the real stack."""

import asyncio
import smtplib
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import uuid4

import httpx2

from runtime.mailbox import mailbox_of
from tests.e2e.desk import do, kinds, open_ticket, read
from tests.stack.mails import text_of
from tests.stack.running_stack import RunningStack
from tests.stack.waiting import eventually

SUPPORT = "support@globex.example"


async def send(stack: RunningStack, mail: EmailMessage) -> None:
    """Over SMTP to the mail catcher, which files it in the mailbox."""

    def deliver() -> None:
        with smtplib.SMTP("127.0.0.1", stack.ports["SMTP_CATCHER"], timeout=10) as server:
            server.send_message(mail)

    await asyncio.to_thread(deliver)


def letter(sender: str, to: str, subject: str, text: str, **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = f"<{uuid4()}@customer.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def caught(stack: RunningStack, recipient: str) -> list[EmailMessage]:
    """What somebody has got, oldest first, with all headers."""
    contents = (path.read_bytes() for path in sorted(mailbox_of(stack.home).glob("*.eml")))
    # Hundreds lie there, and to parse them all takes far longer than to read them.
    told = (content for content in contents if recipient.encode() in content)
    mails = (message_from_bytes(content, _class=EmailMessage, policy=default) for content in told)
    return [mail for mail in mails if recipient in str(mail["X-RcptTo"])]


async def test_a_mail_becomes_a_ticket_and_its_answer_threads(stack: RunningStack, agent: httpx2.AsyncClient) -> None:
    word = uuid4().hex
    ada = f"ada-{word}@customer.example"
    asked = letter(ada, SUPPORT, f"Fire {word}", "The printer is on fire.")

    async def mail_in(state: str, **which: Any) -> dict[str, Any]:
        async def found() -> dict[str, Any] | None:
            page = await read(agent, "mail/messages", **{"from": ada, "state": state}, **which)
            return page["items"][0] if page["items"] else None

        return await eventually(found, f"a mail of {ada} is {state}", within=30, every=0.1)

    async def got(count: int) -> EmailMessage:
        await eventually(lambda: len(caught(stack, ada)) >= count, f"{ada} has {count} mails", within=30, every=0.1)
        return caught(stack, ada)[count - 1]

    await send(stack, asked)
    opened = await mail_in("opened")
    receipt = await got(1)
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert word not in f"{receipt['Subject']}{text_of(receipt)}"
    assert asked["Message-ID"] in str(receipt["References"])

    ticket = {"id": opened["ticket_id"]}
    await do(agent, ticket, "messages", body="Have you tried water?")

    answer = await got(2)
    assert "Have you tried water?" in text_of(answer)
    assert answer["Auto-Submitted"] is None
    assert answer["From"].addresses[0].addr_spec == SUPPORT
    number = (await read(agent, f"tickets/{ticket['id']}"))["number"]
    assert answer["Subject"] == f"[{number}] Fire {word}"
    references = str(answer["References"]).split()
    assert references[0] == str(receipt["References"]).split()[0]
    assert references[1:] == [asked["Message-ID"], receipt["Message-ID"]]
    reply_to = answer["Reply-To"].addresses[0].addr_spec
    assert reply_to.startswith("support+t")

    # A client that drops References, and another subject: only the address says what it is about.
    await send(stack, letter(ada, reply_to.upper(), "Re: your mail", "It burns brighter now."))
    joined = await mail_in("joined", ticket_id=ticket["id"])
    words = ["The printer is on fire.", "Have you tried water?", "It burns brighter now."]

    async def written() -> bool:
        messages = (await read(agent, f"tickets/{ticket['id']}/messages"))["items"]
        return [message["body"].strip() for message in messages] == words

    # What became of the mail is written before its ticket is asked.
    await eventually(written, "all three are on the ticket", within=30, every=0.1)
    thread = await read(agent, f"mail/messages/{joined['id']}/thread")
    assert [entry["direction"] for entry in thread if entry["direction"] == "in"] == ["in", "in"]
    assert {entry["template"] for entry in thread if entry["direction"] == "out"} >= {
        "ticket_received",
        "ticket_answered",
    }


async def test_who_takes_part_from_outside_gets_answers_and_may_write(
    stack: RunningStack, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    partner = f"partner-{uuid4().hex}@partner.example"
    added = await agent.post(f"tickets/{ticket['id']}/participants", json={"address": partner})
    assert added.status_code == 201, added.text
    assert (await read(agent, f"tickets/{ticket['id']}", include="participants"))["participants"] == [partner]
    assert "participants_changed" in await kinds(agent, ticket)

    await do(agent, ticket, "messages", body="The partner comes on Monday.")

    await eventually(lambda: caught(stack, partner), f"{partner} has the answer", within=30, every=0.1)
    [copy] = caught(stack, partner)
    assert "The partner comes on Monday." in text_of(copy)
    reply_to = copy["Reply-To"].addresses[0].addr_spec
    await send(stack, letter(partner, reply_to, "Re: Monday", "We come on Tuesday."))

    async def written() -> bool:
        messages = (await read(agent, f"tickets/{ticket['id']}/messages"))["items"]
        return "We come on Tuesday." in [message["body"].strip() for message in messages]

    await eventually(written, "the partner's mail is on the ticket", within=30, every=0.2)

    removed = await agent.delete(f"tickets/{ticket['id']}/participants/{added.json()['id']}")
    assert removed.status_code == 200, removed.text
    await do(agent, ticket, "messages", body="Among ourselves.")
    await eventually(
        lambda: [mail for mail in caught(stack, "client@globex.example") if "Among ourselves." in text_of(mail)],
        "the requester has the next answer",
        within=30,
        every=0.2,
    )
    assert len(caught(stack, partner)) == 1
