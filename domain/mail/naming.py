"""By what a mail names a ticket, in the order in which that counts."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.mail.reading.content import ReadMail
from domain.mail.states import KnownAs

MOST_REFERENCES = 100
"""How many Message-IDs of one mail are looked up. A client that keeps to RFC 5322 repeats the nearest last."""

_NUMBER = re.compile(r"\[(TCK-\d{8}-\d{5,9})\]")


class NamedBy(StrEnum):
    """What named a ticket. All but the number are secrets: only who has had a mail about the ticket knows them."""

    REPLY_ADDRESS = "reply_address"
    SENT = "sent"
    RELAYED = "relayed"
    ANCHOR = "anchor"
    RECEIVED = "received"
    NUMBER = "number"

    @property
    def secret(self) -> bool:
        """Whether it cannot be guessed. A secret alone still opens nothing: it matters who shows it."""
        return self is not NamedBy.NUMBER


@dataclass(frozen=True)
class Named:
    """A ticket that a mail names. `person_id` is whose own reply address it came by, where it was one's own."""

    ticket_id: UUID
    by: NamedBy
    person_id: UUID | None = None


@dataclass(frozen=True)
class Known:
    """A Message-ID that the tenant knows: the ticket that it names, and why."""

    ticket_id: UUID
    known_as: KnownAs


_BY = {
    KnownAs.SENT: NamedBy.SENT,
    KnownAs.RELAYED: NamedBy.RELAYED,
    KnownAs.ANCHOR: NamedBy.ANCHOR,
    KnownAs.RECEIVED: NamedBy.RECEIVED,
}


def referred(mail: ReadMail) -> tuple[str, ...]:
    """The Message-IDs that a mail refers to, the nearest first: In-Reply-To, then References from the last."""
    in_order = (*mail.in_reply_to, *reversed(mail.references))
    return tuple(dict.fromkeys(in_order))[:MOST_REFERENCES]


def numbers_in(subject: str) -> tuple[str, ...]:
    """The ticket numbers that a subject shows in brackets, as ours do."""
    return tuple(dict.fromkeys(_NUMBER.findall(subject)))


def named(
    mail: ReadMail,
    *,
    by_address: Iterable[Named],
    known: Mapping[str, Known],
    numbered: Mapping[str, UUID],
) -> Named | None:
    """The ticket that a mail names, None where it names none.

    `by_address` are the tickets of signed reply addresses that it came to, `known` what the tenant knows of the
    Message-IDs that it refers to, and `numbered` the tickets by the numbers in its subject.
    """
    for found in by_address:
        return found
    for message_id in referred(mail):
        if known_id := known.get(message_id):
            return Named(known_id.ticket_id, _BY[known_id.known_as])
    for number in numbers_in(mail.subject):
        if ticket_id := numbered.get(number):
            return Named(ticket_id, NamedBy.NUMBER)
    return None
