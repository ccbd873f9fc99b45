"""What makes a message about a ticket a part of a conversation by mail: its mailbox, and what was mailed before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from activities.mail.message import Thread
from activities.mail.own_smtp import OwnServer
from domain.mail.message_ids import as_sent
from domain.mail.reply_addresses import ReplyAddresses
from domain.mail.states import KnownAs, Security
from models.database import Database

ANSWERED_BY_STAFF = frozenset({"ticket_replied", "ticket_assigned"})
"""What staff are told that they may want to answer at once: to an address of their own."""

BY_A_PERSON = frozenset({"ticket_answered", "ticket_copied"})
"""What says what one of the staff has written."""

_TO_CUSTOMERS = BY_A_PERSON | {"ticket_received", "ticket_reminder", "ticket_solved", "ticket_resolved"}
ANSWERED_BY_MAIL = _TO_CUSTOMERS | {"ticket_closed"} | ANSWERED_BY_STAFF
"""What is a part of the conversation about a ticket, and can be answered."""

_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}

FACTS = """
    mailbox.account_id AS mailbox_id, mailbox.address AS mailbox, mailbox.plus_addressing, mailbox.opened_by,
    mailbox.return_path, mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_security, mailbox.smtp_username,
    mailbox.smtp_secret,
    earlier.ids AS earlier_ids, words.body AS words, known.undeliverable_since,
    EXISTS (SELECT FROM ticket_message_file file WHERE file.message_id = words.id) AS has_files"""

# Of a ticket that came by mail the mailbox that it came by, else the tenant's oldest that is not paused.
JOINED = """
LEFT JOIN ticket_participant participant
    ON participant.id = claimed.participant_id AND participant.removed_at IS NULL
LEFT JOIN mail_address known ON known.tenant_id = claimed.tenant_id AND claimed.case_kind IS NOT NULL
    AND known.address = lower(coalesce(account.email, customer.email, participant.address))
LEFT JOIN LATERAL (
    SELECT mail.id, mail.account_id, mail.headers
    FROM mail
    WHERE mail.ticket_id = claimed.case_id AND mail.state = 'opened'
    ORDER BY mail.received_at
    LIMIT 1
) opened ON claimed.case_kind = 'ticket'
LEFT JOIN LATERAL (
    SELECT box.id AS account_id, box.plus_addressing, own.address, opened.id AS opened_by,
        (
            SELECT header ->> 1
            FROM jsonb_array_elements(
                CASE jsonb_typeof(opened.headers) WHEN 'array' THEN opened.headers ELSE '[]' END
            ) header
            WHERE lower(header ->> 0) = 'return-path' LIMIT 1
        ) AS return_path,
        box.smtp_host, box.smtp_port, box.smtp_security, box.smtp_username, box.smtp_secret
    FROM mail_account box
    JOIN mail_account_address own ON own.account_id = box.id AND own.place = 0
    WHERE box.tenant_id = claimed.tenant_id
        AND (box.id = opened.account_id OR (opened.account_id IS NULL AND box.state <> 'paused'))
    ORDER BY box.created_at, box.id
    LIMIT 1
) mailbox ON claimed.case_kind = 'ticket'
LEFT JOIN LATERAL (
    SELECT array_agg(message_id ORDER BY at) AS ids
    FROM (
        SELECT message_id, at
        FROM (
            SELECT mail.message_id, mail.received_at AS at
            FROM mail
            JOIN ticket_message written ON written.id = mail.ticket_message_id AND written.from_customer
            WHERE mail.ticket_id = claimed.case_id AND mail.message_id IS NOT NULL
                AND mail.state IN ('opened', 'joined')
            UNION ALL
            SELECT sent.message_id, sent.created_at
            FROM known_message_id sent
            JOIN delivery before ON before.id = sent.delivery_id
            WHERE sent.known_as <> 'anchor' AND sent.ticket_id = claimed.case_id AND before.id <> claimed.id
                AND (before.recipient_id, before.customer_id, before.participant_id)
                    IS NOT DISTINCT FROM (claimed.recipient_id, claimed.customer_id, claimed.participant_id)
        ) each
        ORDER BY at DESC
        LIMIT 20
    ) last
) earlier ON mailbox.account_id IS NOT NULL
LEFT JOIN ticket_message words
    ON words.id = (claimed.context ->> 'message_id')::uuid AND words.ticket_id = claimed.case_id"""

_REMEMBER = """
INSERT INTO known_message_id (id, tenant_id, message_id, ticket_id, known_as, delivery_id)
SELECT uuidv7(), %(tenant_id)s, given.message_id, %(ticket_id)s, given.known_as, %(delivery_id)s
FROM unnest(%(message_ids)s::text[], %(known_as)s::text[]) AS given (message_id, known_as)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Conversation:
    """The mailbox by which a ticket is written about, with the mail server of its own if it has one; whether the ticket
    came by it, and the Message-IDs that the receiver has of the ticket already, oldest first."""

    tenant_id: UUID
    ticket_id: UUID
    mailbox_id: UUID
    mailbox: str
    plus_addressing: bool
    came_by_mail: bool
    earlier: tuple[str, ...]
    own_server: OwnServer | None = None

    @classmethod
    def of(cls, tenant_id: UUID, row: Any) -> "Conversation | None":
        """What a claimed row knows of it; None for what cannot be answered by mail."""
        if row.mailbox_id is None:
            return None
        return cls(
            tenant_id=tenant_id,
            ticket_id=row.case_id,
            mailbox_id=row.mailbox_id,
            mailbox=row.mailbox,
            plus_addressing=row.plus_addressing,
            came_by_mail=row.opened_by is not None,
            earlier=tuple(filter(None, map(as_sent, row.earlier_ids or ()))),
            own_server=_own_server(row),
        )

    def thread(self, addresses: ReplyAddresses, delivery_id: UUID, person_id: UUID | None, domain: str) -> Thread:
        """The place in it of one message, whose answers are the person's own if one is given."""
        reply_to = return_path = self.mailbox
        if self.plus_addressing:
            reply_to = addresses.reply_to(self.mailbox, self.tenant_id, self.ticket_id, person_id)
            return_path = addresses.return_path(self.mailbox, self.tenant_id, delivery_id)
        anchor = addresses.anchor(domain, self.tenant_id, self.ticket_id)
        return Thread(self.mailbox, reply_to, return_path, (anchor, *self.earlier))


def _own_server(row: Any) -> OwnServer | None:
    if row.smtp_host is None:
        return None
    security = Security(row.smtp_security or Security.TLS)
    secret = bytes(row.smtp_secret) if row.smtp_secret else None
    return OwnServer(row.smtp_host, row.smtp_port or _PORTS[security], security, row.smtp_username, secret)


async def remember(
    database: Database, tenant_id: UUID, ticket_id: UUID, delivery_id: UUID, known: Sequence[tuple[str, KnownAs]]
) -> None:
    """Writes down that these Message-IDs, which a delivery has, name the ticket. One that is known already keeps what
    it names."""
    parameters = {
        "tenant_id": tenant_id,
        "ticket_id": ticket_id,
        "delivery_id": delivery_id,
        "message_ids": [message_id for message_id, _ in known],
        "known_as": [known_as.value for _, known_as in known],
    }
    await database.in_one_go((_REMEMBER, parameters), tenant_id=tenant_id)
