"""Mails that have come to a company, as reading and deciding leave them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import col

from domain.mail.states import MailState, Verdict
from models.mail import Mail, MailAccount, MailAccountAddress
from models.tickets import Ticket
from stores.files.storage import new_key
from tests.api.house import Company

RAW = b"From: ada@customer.example\r\nTo: support@acme.example\r\nSubject: Help\r\n\r\nIt burns.\r\n"


def tenant_of(company: Company) -> UUID:
    return UUID(company.admin.me["tenant"]["id"])


async def mailbox_of(company: Company, **given: Any) -> MailAccount:
    """A mailbox of the company's, the one with this name if there is one."""
    tenant_id = tenant_of(company)
    given = {"name": "Support", "size_limit": 25_000_000} | given
    async with company.house.database.transaction(tenant_id) as session:
        found: MailAccount | None = await session.scalar(
            sa.select(MailAccount).where(col(MailAccount.name) == given["name"])
        )
        if found:
            return found
        account = MailAccount(tenant_id=tenant_id, **given)
        session.add(account)
        await session.flush()
        address = f"{given['name'].lower()}@{company.slug}.example"
        session.add(MailAccountAddress(tenant_id=tenant_id, account_id=account.id, address=address, place=0))
    return account


async def ticket_of(company: Company) -> Ticket:
    """A ticket whose requester is the company's administrator."""
    customer = await company.customer()
    ticket = Ticket(
        tenant_id=tenant_of(company),
        subject="Help",
        customer_id=UUID(customer["id"]),
        requester_id=UUID(company.admin.id),
        version=1,
        number=f"TCK-20261129-{uuid4().int % 100_000:05}",
        status_since=datetime.now(UTC),
    )
    async with company.house.database.transaction(ticket.tenant_id) as session:
        session.add(ticket)
    return ticket


async def came(company: Company, raw: bytes | None = RAW, **given: Any) -> Mail:
    """A mail that has come by the company's mailbox, with its bytes in the storage unless `raw` is None."""
    account = await mailbox_of(company)
    key = new_key(account.tenant_id) if raw else None
    if key and raw:
        await company.house.services.files.put(key, _in_one(raw))
    mail = Mail(
        **{
            "tenant_id": account.tenant_id,
            "account_id": account.id,
            "received_at": datetime.now(UTC),
            "raw_key": key,
            "raw_size": len(raw or b""),
            "raw_sha256": sha256(raw or b"").hexdigest(),
            "state": MailState.OPENED,
            "message_id": "<1@customer.example>",
            "sender_address": "ada@customer.example",
            "sender_name": "Ada",
            "subject": "Help",
            "headers": [["From", "Ada <ada@customer.example>"], ["Subject", "Help"]],
            "recipients": {"to": [{"address": "support@acme.example", "name": ""}]},
            "text": "It burns.",
            "verdict": Verdict.PASS,
            "score": 0,
        }
        | given
    )
    async with company.house.database.transaction(account.tenant_id) as session:
        session.add(mail)
    return mail


async def _in_one(content: bytes) -> AsyncIterator[bytes]:
    yield content
