"""Gathers what matters for the decision about a mail, with the locks under which it is taken."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from activities.mail.arrived import Arrived
from domain.mail.automatic import automatic
from domain.mail.deciding import Seen, Wish
from domain.mail.joining import Who
from domain.mail.letter import Letter, inner_of, letter_of
from domain.mail.listing import entries_for, listed
from domain.mail.naming import Known, Named, NamedBy, named, numbers_in, referred
from domain.mail.reading.content import Mailbox, ReadMail
from domain.mail.reply_addresses import ReplyAddresses
from domain.mail.rules import Chosen, choose
from domain.mail.settings import MailSettings
from domain.mail.spam import Score, score
from domain.mail.states import KnownAs, MailState
from domain.mail.words import person_name, without_tag
from domain.tickets.rules import TicketStatus
from models.mail import Mail
from models.tickets import Ticket
from stores.mail.house import House
from stores.mail.known import Entries, entries, known_ids, numbered_tickets
from stores.mail.limits import sender_floods, ticket_is_flooded
from stores.mail.locks import lock_addresses, lock_ticket
from stores.mail.senders import Sender, find_sender, is_suspended, who_is

_REFUSED = frozenset({"ticket_closed", "reopen_window_passed"})
_SENT_TO = ("delivered-to", "x-original-to", "x-forwarded-to", "envelope-to")
_MOST_LINKS = 200

_EARLIER = aliased(Mail)
_ORIGINAL = (
    sa.select(col(_EARLIER.id))
    .where(
        col(_EARLIER.digest) == sa.bindparam("digest"),
        col(_EARLIER.duplicate_of).is_(None),
        col(_EARLIER.id) != sa.bindparam("mail_id"),
    )
    .scalar_subquery()
)
_CLAIMED = (
    sa.select(Mail, _ORIGINAL)
    .where(col(Mail.id) == sa.bindparam("mail_id"), col(Mail.state) == MailState.RECEIVED)
    .with_for_update(of=Mail)
)


@dataclass
class Facts:
    """What is known of a mail, in the transaction that decides about it. `mail` is its row, locked; `sender` is whoever
    the letter is from, `tried` what its names led to."""

    house: House
    mail: Mail
    now: datetime
    letter: Letter
    sender: Sender | None
    noted: Entries
    score: Score
    chosen: Chosen
    seen: Seen
    ticket: Ticket | None = None
    tried: list[dict[str, Any]] = field(default_factory=list)

    @property
    def settings(self) -> MailSettings:
        return self.seen.settings


async def claim(session: AsyncSession, arrived: Arrived) -> tuple[Mail, UUID | None] | None:
    """The mail's row, locked, while it waits, once it is the turn of its sender and of the address that would be
    answered; with the mail of which this one is a copy, if it is one. None when somebody else has decided about it."""
    lock_addresses(session, arrived.waiting.tenant_id, {arrived.sender_address, arrived.answers_go_to})
    its = {"mail_id": arrived.waiting.mail_id, "digest": arrived.read.digest}
    row: Any = (await session.execute(_CLAIMED, its)).one_or_none()
    return (row[0], row[1]) if row else None


async def gather(session: AsyncSession, arrived: Arrived, mail: Mail, house: House, addresses: ReplyAddresses) -> Facts:
    """Everything that the decision depends on."""
    read, tenant_id = arrived.read, mail.tenant_id
    noted = await entries(session, _looked_up(read, arrived.sender_address))
    said = listed(arrived.sender_address, noted.listed)
    letter = letter_of(read, arrived.verdict, said)
    sender = await _sender(session, tenant_id, letter.sender)
    known = await known_ids(session, [*referred(read), *([read.message_id] if read.message_id else [])])
    found, tried = await _named(session, tenant_id, read, known, addresses, sender)
    if sender and sender.staff and not sender.works and found:
        found = replace(found, person_id=None)
    if sender and sender.staff and (found is None or found.person_id is None) and (inner := inner_of(read, letter)):
        letter, tried = inner, [*tried, {"by": "forwarded", "result": "inner_sender"}]
        sender = await _sender(session, tenant_id, inner.sender)
    wish = _wish(mail)
    if ticket_id := (mail.wish or {}).get("ticket_id"):
        found = Named(UUID(ticket_id), NamedBy.NUMBER)
    ticket = await _ticket(session, found)
    found = found if ticket else None
    points = _score(read, letter, sender, said, house.own, noted)
    chosen = choose(house.rules, replace(read, sender=letter.sender), points.points)
    seen = Seen(
        ours=_is_ours(read, house.own, known),
        sender_known=sender is not None,
        automatic=None if letter.forwarded else automatic(read),
        score=points.points,
        choices=chosen.choices,
        verdict=letter.verdict,
        who=await who_is(session, sender, ticket) if sender else Who.STRANGER,
        named=found,
        closed=ticket is not None and ticket.status is TicketStatus.CLOSED,
        refused=mail.why in _REFUSED,
        suspended=await _suspended(session, sender, ticket),
        wish=wish,
        settings=house.settings,
    )
    now = datetime.now(UTC)
    facts = Facts(house, mail, now, letter, sender, noted, points, chosen, seen, ticket, tried)
    facts.seen = replace(seen, floods=await _floods(session, facts))
    return facts


def sent_to(read: ReadMail) -> list[str]:
    """The addresses at which a mail was meant to arrive: those that it says, and those that servers have noted."""
    noted = [value.strip().strip("<>").lower() for name, value in read.headers if name.lower() in _SENT_TO]
    return list(dict.fromkeys([*noted, *(each.address for each in (*read.to, *read.cc))]))


async def _sender(session: AsyncSession, tenant_id: UUID, mailbox: Mailbox | None) -> Sender | None:
    if mailbox is None or not 3 <= len(mailbox.address) <= 254 or "@" not in mailbox.address:
        return None
    return await find_sender(session, tenant_id, mailbox.address, person_name(mailbox.name, mailbox.address))


async def _named(
    session: AsyncSession,
    tenant_id: UUID,
    read: ReadMail,
    known: Mapping[str, Known],
    addresses: ReplyAddresses,
    sender: Sender | None,
) -> tuple[Named | None, list[dict[str, Any]]]:
    people = [sender.account_id] if sender and sender.account_id else []
    signed = [each for address in sent_to(read) if (each := addresses.named(address, tenant_id, people))]
    by_address = [
        Named(each.ticket_id, NamedBy.REPLY_ADDRESS, each.person_id) for each in signed if each.ticket_id is not None
    ]
    numbered = await numbered_tickets(session, numbers_in(read.subject))
    found = named(read, by_address=by_address, known=known, numbered=numbered)
    tried = [
        {"by": NamedBy.REPLY_ADDRESS, "found": len(by_address)},
        {"by": "references", "looked_up": len(referred(read)), "found": len(known.keys() & {*referred(read)})},
        {"by": NamedBy.NUMBER, "looked_up": len(numbers_in(read.subject)), "found": len(numbered)},
    ]
    return found, tried


async def _ticket(session: AsyncSession, found: Named | None) -> Ticket | None:
    if found is None:
        return None
    await lock_ticket(session, found.ticket_id)
    return await session.get(Ticket, found.ticket_id)


def _is_ours(read: ReadMail, own: frozenset[str], known: Mapping[str, Known]) -> bool:
    if read.sender and without_tag(read.sender.address) in own:
        return True
    itself = known.get(read.message_id) if read.message_id else None
    return itself is not None and itself.known_as in (KnownAs.SENT, KnownAs.RELAYED)


async def _suspended(session: AsyncSession, sender: Sender | None, ticket: Ticket | None) -> bool:
    if sender and sender.suspended:
        return True
    staff = sender is not None and sender.staff
    return ticket is not None and not staff and await is_suspended(session, ticket.customer_id)


async def _floods(session: AsyncSession, facts: Facts) -> bool:
    if facts.sender is None or facts.sender.staff or facts.letter.forwarded:
        return False
    if facts.ticket and facts.seen.who.takes_part and await ticket_is_flooded(session, facts.ticket.id, facts.now):
        return True
    return await sender_floods(session, facts.mail.sender_address or facts.sender.address, facts.now)


def _score(
    read: ReadMail, letter: Letter, sender: Sender | None, said: Any, own: frozenset[str], noted: Entries
) -> Score:
    return score(
        read,
        letter.verdict,
        listed=said,
        known_sender=sender is not None and sender.member,
        own_domains={address.rpartition("@")[2] for address in own},
        blocked_domains=noted.blocked_domains,
    )


def _looked_up(read: ReadMail, sender: str) -> set[str]:
    """The addresses and domains of which is asked what is noted: of the sender, and of whom the links lead to."""
    hosts = {host for link in read.links[:_MOST_LINKS] if (host := _host(link.target))}
    domains = {f"@{domain}" for host in hosts for domain in _domains_of(host)}
    return {*entries_for(sender), *domains, *([read.return_path] if read.return_path else [])}


def _domains_of(host: str) -> list[str]:
    """The host, and all domains that it is in but the top."""
    parts = host.split(".")
    return [".".join(parts[at:]) for at in range(len(parts) - 1)]


def _host(target: str) -> str | None:
    try:
        return urlsplit(target).hostname
    except ValueError:
        return None


def _wish(mail: Mail) -> Wish:
    wish = mail.wish or {}
    return Wish(bool(wish.get("accepted_by")), bool(wish.get("not_spam_by")), bool(wish.get("ticket_id")))
