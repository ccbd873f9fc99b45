"""The signatures of a mail that may prove its sender (DKIM, RFC 6376), and whether they are valid."""

import base64
import binascii
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

import dkim
from dkim.crypto import UnparsableKeyError, parse_public_key

from domain.mail.alignment import aligned
from domain.mail.reading.addresses import mailboxes
from domain.mail.reading.header import Header, split

_MOST_SIGNATURES = 5
_SMALLEST_KEY_BITS = 1024
"""RFC 8301, 3.2."""

_LARGEST_KEY_BITS = 4096
_LARGEST_EXPONENT = 2**32
_BLANKS = re.compile(r"\s+")
_DOMAIN = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,20}")

# dkimpy writes what it read into its log, and that is somebody's mail.
logging.getLogger("dkimpy").disabled = True


@dataclass(frozen=True)
class Signature:
    """`number` counts all signatures of the mail from the top; `key_name` is where the DNS has its key."""

    number: int
    domain: str
    key_name: str


def signatures_of(raw: bytes) -> tuple[Signature, ...]:
    """The signatures that are made for the domain of From, and of a kind that proves something.

    Left out are those by SHA-1 (RFC 8301, 3.1), and those that cover only the beginning of the text (`l=`), below which
    anybody may have written.
    """
    header, _, _ = split(raw, 0, len(raw))
    sender = _sender_domain(header)
    found = []
    for number, written in enumerate(header.all_raw("dkim-signature")):
        tags = _tags(written)
        domain, selector = tags.get("d", "").lower(), tags.get("s", "").lower()
        if "l" in tags or tags.get("a", "") != "rsa-sha256" or not aligned(domain, sender):
            continue
        key_name = f"{selector}._domainkey.{domain}"
        if _DOMAIN.fullmatch(key_name):
            found.append(Signature(number, domain, key_name))
    return tuple(found[:_MOST_SIGNATURES])


def valid_signers(raw: bytes, keys: Mapping[str, str]) -> tuple[str, ...]:
    """The domains whose signatures are valid by these keys: the DNS's records, by the names of signatures."""
    valid = []
    for signature in signatures_of(raw):
        record = keys.get(signature.key_name)
        if record and is_usable_key(record) and _verifies(raw, signature, record):
            valid.append(signature.domain)
    return tuple(dict.fromkeys(valid))


def is_usable_key(record: str) -> bool:
    """Whether a key is long enough to prove something, and made to be checked rather than to keep us busy."""
    tags = _tags(record)
    if "y" in tags.get("t", "").split(":") or not tags.get("p"):
        # Its owner is still trying out (RFC 6376, 3.6.1), or has taken it back.
        return False
    try:
        key = parse_public_key(base64.b64decode(tags["p"]))
    except (binascii.Error, UnparsableKeyError, ValueError, TypeError, IndexError, KeyError):
        return False
    bits = int(key["modulus"]).bit_length()
    return _SMALLEST_KEY_BITS <= bits <= _LARGEST_KEY_BITS and 1 < int(key["publicExponent"]) <= _LARGEST_EXPONENT


def _verifies(raw: bytes, signature: Signature, record: str) -> bool:
    def lookup(_name: bytes, **_options: object) -> bytes:
        return record.encode()

    try:
        return bool(dkim.DKIM(raw, minkey=_SMALLEST_KEY_BITS).verify(idx=signature.number, dnsfunc=lookup))
    except Exception:  # noqa: BLE001
        # A signature made to break its reader proves nothing either.
        return False


def _sender_domain(header: Header) -> str:
    senders = [box for written in header.all_raw("from") for box in mailboxes(written)]
    return senders[0].address.rpartition("@")[2] if len(senders) == 1 else ""


def _tags(written: str) -> dict[str, str]:
    """The tags of a signature or a key (RFC 6376, 3.2), without the blanks in them."""
    pairs = (one.partition("=") for one in _BLANKS.sub("", written).split(";"))
    return {name: value for name, _, value in pairs if name}
