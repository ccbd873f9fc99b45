"""Addresses at our own mailboxes that say what an answer is about, and that nobody else can make.

`support+t<ticket and MAC>@acme.example` names a ticket, a `p` in place of the `t` a ticket together with the one person
it was given to, and a `d` a message that we have sent (its return path, RFC 5321 4.4). Ids and MAC are written in
base32 (RFC 4648), because servers may change the case of an address. A person is in the MAC only: with its id, too, the
part before the @ would be longer than the 64 octets that it may have (RFC 5321 4.5.3.1.1).
"""

import base64
import binascii
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_pem_private_key

MOST_OCTETS_BEFORE_AT = 64

_TICKET, _PERSONS, _DELIVERY, _ANCHOR = "t", "p", "d", "a"
_ID_BYTES, _MAC_BYTES = 16, 10
_PADDING = "=" * 6
_TOKEN_LENGTH = len(base64.b32encode(bytes(_ID_BYTES + _MAC_BYTES)).rstrip(b"="))


@dataclass(frozen=True)
class Named:
    """What an address names: a ticket, with the person whose address it is if it is one's own, or a delivery."""

    ticket_id: UUID | None = None
    person_id: UUID | None = None
    delivery_id: UUID | None = None


class ReplyAddresses:
    """Makes addresses, and reads those that were made with the same key (`reply_key`)."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def reply_to(self, mailbox: str, tenant_id: UUID, ticket_id: UUID, person_id: UUID | None = None) -> str:
        """The address at a mailbox such as `support@acme.example` that answers on a ticket go to, those of one person
        if it is given; the mailbox itself when there is no room left in its own name."""
        kind = _TICKET if person_id is None else _PERSONS
        return self._at(mailbox, kind, tenant_id, ticket_id, person_id)

    def return_path(self, mailbox: str, tenant_id: UUID, delivery_id: UUID) -> str:
        """The address that reports about a delivery go to; the mailbox itself when there is no room in its name."""
        return self._at(mailbox, _DELIVERY, tenant_id, delivery_id)

    def anchor(self, domain: str, tenant_id: UUID, ticket_id: UUID) -> str:
        """The Message-ID that all mails of a ticket refer to and none has. Only who has had such a mail knows it."""
        return f"<{self._token(_ANCHOR, tenant_id, ticket_id)}@{domain}>"

    def named(self, address: str, tenant_id: UUID, people: Collection[UUID] = ()) -> Named | None:
        """What an address names, in any case of letters; None for what was not made here for this tenant.

        One person's own address is read as long as that person is among `people`: those who may have written, such as
        the account whose address the mail is from.
        """
        token = address.rpartition("@")[0].rpartition("+")[2].lower()
        kind, ident = token[:1], _ident_of(token[1:])
        if ident is None:
            return None
        if kind == _PERSONS:
            made_for = (each for each in people if self._made(token, kind, tenant_id, ident, each))
            return next((Named(ticket_id=ident, person_id=each) for each in made_for), None)
        if kind not in (_TICKET, _DELIVERY) or not self._made(token, kind, tenant_id, ident):
            return None
        return Named(ticket_id=ident) if kind == _TICKET else Named(delivery_id=ident)

    def _at(self, mailbox: str, kind: str, tenant_id: UUID, ident: UUID, person_id: UUID | None = None) -> str:
        name, _, domain = mailbox.rpartition("@")
        tagged = f"{name}+{self._token(kind, tenant_id, ident, person_id)}"
        return f"{tagged}@{domain}" if len(tagged.encode()) <= MOST_OCTETS_BEFORE_AT else mailbox

    def _made(self, token: str, kind: str, tenant_id: UUID, ident: UUID, person_id: UUID | None = None) -> bool:
        return hmac.compare_digest(token.encode(), self._token(kind, tenant_id, ident, person_id).encode())

    def _token(self, kind: str, tenant_id: UUID, ident: UUID, person_id: UUID | None = None) -> str:
        about = b"".join((kind.encode(), tenant_id.bytes, ident.bytes, person_id.bytes if person_id else b""))
        mac = hmac.digest(self._key, about, sha256)[:_MAC_BYTES]
        return kind + base64.b32encode(ident.bytes + mac).decode().rstrip("=").lower()


def reply_key(links_key_pem: str) -> bytes:
    """The key of reply addresses, derived (HKDF, RFC 5869) from the Ed25519 key in PKCS 8 PEM that signs mailed links.

    Raises ValueError for anything else.
    """
    key = load_pem_private_key(links_key_pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("links are signed with an Ed25519 key")
    return HKDF(SHA256(), 32, salt=None, info=b"casewright reply addresses").derive(key.private_bytes_raw())


def _ident_of(encoded: str) -> UUID | None:
    if len(encoded) != _TOKEN_LENGTH or not encoded.isascii():
        return None
    try:
        return UUID(bytes=base64.b32decode(encoded.upper() + _PADDING)[:_ID_BYTES])
    except binascii.Error:
        return None
