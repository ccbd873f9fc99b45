"""Writes what was decided about a mail: its outcome, and the ticket, message and command that follow from it."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col
from uuid_utils.compat import uuid7

from activities.mail.arrived import Arrived
from activities.mail.facts import Facts
from activities.mail.keeping import Attachments
from activities.mail.outsiders import take_in_outsiders
from domain.cases import CaseKind
from domain.files.states import FileStatus
from domain.mail.deciding import Outcome, may_acknowledge
from domain.mail.joining import Join, Link, Own, Who
from domain.mail.states import MailState, Verdict
from domain.mail.urgency import raised, urgent_words
from domain.mail.words import storable, ticket_subject, ticket_words, without_subject
from domain.mail_matters.rules import MatterAbout
from domain.tickets.rules import TicketPriority
from models.cases import CommandRow
from models.files import StoredFile
from models.mail import Mail, MailPart, TicketLink
from models.plain import insert_of
from models.round_trips import send_with_next
from models.tickets import AgentGroup, Ticket, TicketCategory, TicketMessage, TicketMessageFile
from stores.mail.known import is_proven, remember
from stores.mail.limits import answered, may_answer_to
from stores.mail.matters import raise_matter
from stores.mail.senders import Sender, with_account, with_customer
from stores.mail.settling import regards

COMMANDS = UUID("9c1f2a34-5d0b-4a54-9a3e-2f0c8f1d7b61")
"""The namespace of the ids of the commands that mails leave: deciding once more about one makes another."""


async def write(
    session: AsyncSession, arrived: Arrived, facts: Facts, settled: Outcome, attachments: Attachments
) -> list[CommandRow]:
    """Writes the outcome in the session's transaction; returns the commands to be carried after it, in their order."""
    mail = facts.mail
    note_outcome(facts, settled)
    writer = _Writer(session, arrived, facts, attachments)
    commands: list[CommandRow] = []
    match settled.way:
        case Own() as own if settled.state is MailState.OPENED:
            commands.append(await writer.open(own, settled))
        case Join() as join:
            commands.append(await writer.join(join, automatic=settled.state is MailState.AUTOMATIC))
        case _:
            await writer.list_parts({})
    if settled.state is MailState.HELD:
        matter = await raise_matter(
            session,
            mail.tenant_id,
            MatterAbout.HELD,
            regards(mail),
            facts.now,
            mail_id=mail.id,
            ticket_id=mail.ticket_id,
        )
        commands += [matter] if matter else []
    if facts.seen.verdict is Verdict.PASS and facts.sender and facts.sender.address in facts.noted.undeliverable:
        await is_proven(session, facts.sender.address)
    await session.flush()
    return commands


def note_content(mail: Mail, arrived: Arrived) -> None:
    """Writes down what was read."""
    read = arrived.read
    mail.digest = read.digest
    mail.message_id = storable(read.message_id)[:998] if read.message_id else None
    mail.sender_address = storable(arrived.sender_address)[:320] or None
    mail.sender_name = storable(read.sender.name)[:200] if read.sender else None
    mail.subject = storable(read.subject)[:998]
    mail.sent_at = read.sent_at
    mail.recipients = {
        name: [{"address": storable(each.address), "name": storable(each.name)} for each in found]
        for name, found in (("to", read.to), ("cc", read.cc), ("reply_to", read.reply_to))
    }
    mail.headers = [[storable(name), storable(value)] for name, value in read.headers]
    mail.text, mail.quoted = storable(read.text), storable(read.quoted)
    mail.html = storable(read.html) if read.html is not None else None
    mail.remote_images, mail.cut = read.remote_images, list(read.cut)
    mail.verdict, mail.verdict_because = arrived.verdict, dict(arrived.verdict_because)


def note_outcome(facts: Facts, settled: Outcome) -> None:
    """Writes down what was decided, and why."""
    mail, seen = facts.mail, facts.seen
    mail.state, mail.held_for = settled.state, settled.held_for
    mail.why, mail.settled_at = settled.why, facts.now
    mail.automatic, mail.score = seen.automatic, facts.score.points
    mail.score_because = [
        {"reason": part.reason, "points": part.points, "found": [storable(each) for each in part.found]}
        for part in facts.score.parts
    ]
    mail.rules = [dict(each) for each in facts.chosen.because]
    shows = settled.state in (MailState.JOINED, MailState.AUTOMATIC, MailState.HELD)
    mail.ticket_id = facts.ticket.id if facts.ticket and shows and seen.named and seen.named.by.secret else None
    way = type(settled.way).__name__.lower() if settled.way else None
    named = {"named_by": seen.named.by, "who": seen.who, "closed": seen.closed} if seen.named else {"who": seen.who}
    mail.tried = [*facts.tried, {**named, "verdict": seen.verdict, "way": way}]


class _Writer:
    """The rows of one mail that goes into a ticket."""

    def __init__(self, session: AsyncSession, arrived: Arrived, facts: Facts, attachments: Attachments) -> None:
        self._session, self._arrived, self._facts, self._attachments = session, arrived, facts, attachments
        self._mail, self._locale = facts.mail, facts.house.locale

    async def open(self, own: Own, settled: Outcome) -> CommandRow:
        """A ticket of its own."""
        facts, mail = self._facts, self._mail
        company = facts.settings.company_of(self._sender.address) if facts.seen.verdict is Verdict.PASS else None
        sender = await with_customer(self._session, mail.tenant_id, self._sender, company)
        author, customer_id = _id(sender.account_id), _id(sender.customer_id)
        category_id, group_id = await self._where()
        ticket = Ticket(
            id=uuid7(),
            tenant_id=mail.tenant_id,
            subject=ticket_subject(facts.letter.subject, without_subject(self._locale)),
            priority=self._priority(),
            customer_id=customer_id,
            requester_id=author,
            category_id=category_id,
            group_id=group_id,
        )
        self._insert(ticket)
        message_id = await self._message(ticket.id, author)
        if own.link and facts.ticket:
            suggested = own.link is Link.SUGGESTED
            self._insert(
                TicketLink(tenant_id=mail.tenant_id, ticket_id=ticket.id, other_id=facts.ticket.id, suggested=suggested)
            )
        joined = [] if facts.letter.forwarded else await self._outsiders(ticket.id, sender)
        arguments = {
            "message_id": str(message_id),
            "receipt": await self._receipt(settled),
            "participants": [str(each) for each in joined],
        }
        return await self._command("open", ticket.id, author, message_id, arguments)

    async def join(self, join: Join, *, automatic: bool) -> CommandRow:
        """A message of the ticket that it names."""
        ticket = self._facts.ticket
        if ticket is None:
            raise ValueError("only what names a ticket joins one")
        sender = await with_account(self._session, self._sender)
        author, as_staff = _id(sender.account_id), join.as_staff
        message_id = await self._message(ticket.id, author, from_customer=not as_staff, internal=automatic)
        copies = self._facts.seen.who is Who.REQUESTER and not automatic
        joined = await self._outsiders(ticket.id, replace(sender, customer_id=ticket.customer_id)) if copies else []
        if (self._mail.wish or {}).get("add") and not self._facts.seen.who.takes_part and not as_staff:
            added = {sender.address: sender.name}
            joined += await take_in_outsiders(self._session, self._mail, ticket.id, added, self._accepted_by)
        arguments = {
            "message_id": str(message_id),
            "from_customer": not as_staff,
            "internal": automatic,
            "automatic": automatic,
            "reopens": join.reopens,
            "participants": [str(each) for each in joined],
        }
        return await self._command("post_message", ticket.id, author, message_id, arguments)

    async def list_parts(self, files: dict[int, UUID]) -> None:
        """The mail's attachments as they are listed, once: those that are `files` with their ids."""
        if not self._arrived.read.parts:
            return
        places = await self._listed_before()
        for part in self._arrived.read.parts:
            refused = self._attachments.refused.get(part.place, part.refused)
            if part.place in places:
                this = (col(MailPart.mail_id) == self._mail.id, col(MailPart.place) == part.place)
                values = {"file_id": files.get(part.place), "refused": refused}
                if part.place in files or refused:
                    await self._session.execute(sa.update(MailPart).where(*this).values(**values))
                continue
            self._insert(
                MailPart(
                    tenant_id=self._mail.tenant_id,
                    mail_id=self._mail.id,
                    place=part.place,
                    name=storable(part.name)[:255],
                    content_type=storable(part.content_type)[:100],
                    size=part.size,
                    content_id=storable(part.content_id)[:998] if part.content_id else None,
                    inline=part.inline,
                    refused=refused,
                    file_id=files.get(part.place),
                )
            )

    @property
    def _sender(self) -> Sender:
        if self._facts.sender is None:
            raise ValueError("a mail of nobody goes into no ticket")
        return self._facts.sender

    @property
    def _accepted_by(self) -> UUID | None:
        found = (self._mail.wish or {}).get("accepted_by")
        return UUID(found) if found else None

    def _insert(self, row: SQLModel) -> None:
        send_with_next(self._session, insert_of(row))

    async def _message(
        self, ticket_id: UUID, author: UUID, *, from_customer: bool = True, internal: bool = False
    ) -> UUID:
        mail, letter = self._mail, self._facts.letter
        message = TicketMessage(
            id=uuid7(),
            tenant_id=mail.tenant_id,
            ticket_id=ticket_id,
            author_id=author,
            from_customer=from_customer,
            internal=internal,
            body=ticket_words(letter.text, self._locale, too_large=mail.too_large),
        )
        self._insert(message)
        await self._files(message.id, author)
        if mail.message_id:
            remember(self._session, mail.tenant_id, mail.message_id, ticket_id, mail.id)
        return message.id

    async def _files(self, message_id: UUID, author: UUID) -> None:
        files = dict(await self._kept_before())
        for place, kept in self._attachments.kept.items():
            if place in files:
                continue
            files[place] = uuid7()
            self._insert(
                StoredFile(
                    id=files[place],
                    tenant_id=self._mail.tenant_id,
                    uploader_id=author,
                    key=kept.key,
                    name=kept.name,
                    status=FileStatus.STORED,
                    content_type=kept.type,
                    size=kept.size,
                    sha256=kept.sha256,
                    scan=kept.scan,
                    stored_at=self._facts.now,
                    attached_at=self._facts.now,
                )
            )
        for position, place in enumerate(sorted(files)):
            self._insert(
                TicketMessageFile(
                    tenant_id=self._mail.tenant_id, message_id=message_id, file_id=files[place], position=position
                )
            )
        await self.list_parts(files)

    async def _listed_before(self) -> set[int]:
        if not self._mail.reprocessed:
            return set()
        listed = sa.select(col(MailPart.place)).where(col(MailPart.mail_id) == self._mail.id)
        return set(await self._session.scalars(listed))

    async def _kept_before(self) -> list[tuple[int, UUID]]:
        """The files of a mail whose ticket has refused it: they are free, and taken again."""
        if not self._mail.reprocessed:
            return []
        rows: Any = await self._session.execute(
            sa.select(col(MailPart.place), col(MailPart.file_id))
            .join(StoredFile, col(StoredFile.id) == col(MailPart.file_id))
            .where(col(MailPart.mail_id) == self._mail.id, col(StoredFile.status) == FileStatus.STORED)
        )
        found = [(row.place, row.file_id) for row in rows]
        await self._session.execute(
            sa.update(StoredFile)
            .where(col(StoredFile.id).in_([file_id for _, file_id in found]))
            .values(attached_at=self._facts.now)
            .execution_options(synchronize_session=False)
        )
        return found

    async def _where(self) -> tuple[UUID | None, UUID | None]:
        """Category and group: as the rules choose, else as the mailbox has them."""
        waiting = self._arrived.waiting
        choices = self._facts.seen.choices if self._applies_rules else None
        category_id = UUID(choices.category_id) if choices and choices.category_id else waiting.category_id
        group_id = UUID(choices.group_id) if choices and choices.group_id else waiting.group_id
        # What a rule names may have gone since.
        if category_id and await self._session.get(TicketCategory, category_id) is None:
            category_id = waiting.category_id
        if group_id and await self._session.get(AgentGroup, group_id) is None:
            group_id = waiting.group_id
        return category_id, group_id

    @property
    def _applies_rules(self) -> bool:
        """What may be spam starts nothing by itself."""
        return self._facts.score.points < self._facts.settings.marked_from

    def _priority(self) -> TicketPriority:
        if not self._applies_rules:
            return TicketPriority.MEDIUM
        if chosen := self._facts.seen.choices.priority:
            return chosen
        words = urgent_words(replace(self._arrived.read, subject=self._facts.letter.subject))
        if words:
            self._mail.rules = [*(self._mail.rules or []), {"rule": "urgency", "words": list(words)}]
        return raised(TicketPriority.MEDIUM, words)

    async def _receipt(self, settled: Outcome) -> bool:
        facts, tenant_id = self._facts, self._mail.tenant_id
        goes_to = {self._sender.address, self._arrived.answers_go_to}
        left = await may_answer_to(self._session, goes_to, facts.now)
        may = may_acknowledge(
            facts.seen,
            settled,
            undeliverable=bool(goes_to & set(facts.noted.undeliverable)),
            answers_left=left,
        )
        # Whoever forwards a mail takes it up: nobody is told by a machine what they hear from a person.
        if not may or facts.letter.forwarded:
            return False
        for address in goes_to:
            answered(self._session, tenant_id, address, facts.now)
        return True

    async def _outsiders(self, ticket_id: UUID, sender: Sender) -> list[UUID]:
        copied = {each.address: each.name for each in self._arrived.read.cc if each.address != sender.address}
        own = self._facts.house.own
        return await take_in_outsiders(
            self._session, self._mail, ticket_id, copied, None, own=own, customer_id=sender.customer_id
        )

    async def _command(
        self, update: str, ticket_id: UUID, author: UUID, message_id: UUID, arguments: dict[str, Any]
    ) -> CommandRow:
        mail = self._mail
        command = CommandRow(
            tenant_id=mail.tenant_id,
            id=uuid5(COMMANDS, f"{mail.id}/{mail.reprocessed}"),
            case_kind=CaseKind.TICKET,
            case_id=ticket_id,
            kind=f"{CaseKind.TICKET}.{update}",
            arguments=arguments,
            actor_id=author,
            correlation_id=str(mail.id),
            fingerprint="",
            created_at=self._facts.now,
        )
        self._insert(command)
        mail.ticket_id, mail.ticket_message_id, mail.command_id = ticket_id, message_id, command.id
        return command


def _id(found: UUID | None) -> UUID:
    if found is None:
        raise ValueError("somebody who writes on a ticket is known")
    return found
