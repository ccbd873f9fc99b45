"""An address that names a ticket is read back as it was made, and nobody makes one that we have not made."""

import random
import string
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from uuid_utils.compat import uuid7

from domain.mail.reply_addresses import MOST_OCTETS_BEFORE_AT, Named, ReplyAddresses, reply_key

KEY = bytes(range(32))
MAILBOX = "support@acme.example"
TENANT, OTHER_TENANT = uuid7(), uuid7()
TICKET, PERSON, OTHER_PERSON, DELIVERY = uuid7(), uuid7(), uuid7(), uuid7()
LETTERS = string.ascii_lowercase + "234567"

addresses = ReplyAddresses(KEY)


def test_what_was_made_is_read_in_any_case_of_letters() -> None:
    made = {
        addresses.reply_to(MAILBOX, TENANT, TICKET): Named(ticket_id=TICKET),
        addresses.reply_to(MAILBOX, TENANT, TICKET, PERSON): Named(ticket_id=TICKET, person_id=PERSON),
        addresses.return_path(MAILBOX, TENANT, DELIVERY): Named(delivery_id=DELIVERY),
        addresses.reply_to("help+me@acme.example", TENANT, TICKET): Named(ticket_id=TICKET),
    }
    for address, names in made.items():
        for written in (address, address.upper(), address.title()):
            assert addresses.named(written, TENANT, [OTHER_PERSON, PERSON]) == names
        assert addresses.named(address, OTHER_TENANT, [PERSON]) is None
        assert ReplyAddresses(bytes(32)).named(address, TENANT, [PERSON]) is None


def test_one_persons_address_is_nobody_elses() -> None:
    own = addresses.reply_to(MAILBOX, TENANT, TICKET, PERSON)
    assert addresses.named(own, TENANT) is None
    assert addresses.named(own, TENANT, [OTHER_PERSON]) is None
    as_anybodys = own.replace("+p", "+t")
    assert addresses.named(as_anybodys, TENANT, [PERSON]) is None


def test_a_ticket_is_not_reached_by_what_names_something_else() -> None:
    report = addresses.return_path(MAILBOX, TENANT, TICKET).replace("+d", "+t")
    anchor = addresses.anchor("acme.example", TENANT, TICKET)
    assert addresses.named(report, TENANT) is None
    assert addresses.named(anchor.strip("<>"), TENANT) is None
    assert addresses.named(f"support+t{anchor[2:44]}@acme.example", TENANT) is None


def test_ten_thousand_forged_addresses_name_nothing() -> None:
    chance = random.Random(14)
    true = addresses.reply_to(MAILBOX, TENANT, TICKET)
    at = true.index("+") + 2
    for _ in range(10_000):
        token = list(true[at : at + 42])
        for place in chance.sample(range(42), chance.randint(1, 42)):
            token[place] = chance.choice(LETTERS)
        forged = f"support+t{''.join(token)}@acme.example"
        assert forged == true or addresses.named(forged, TENANT) is None


@pytest.mark.parametrize(
    "address",
    ["", "@", "support", MAILBOX, "support+@acme.example", "support+sales@acme.example", f"s+t{'é' * 42}@x", "s+t\0@x"],
)
def test_other_addresses_name_nothing(address: str) -> None:
    assert addresses.named(address, TENANT, [PERSON]) is None


def test_the_name_before_the_at_is_never_too_long() -> None:
    for length in (1, 20, 21, 40, 64):
        mailbox = f"{'a' * length}@acme.example"
        made = addresses.reply_to(mailbox, TENANT, TICKET)
        assert len(made.partition("@")[0]) <= MOST_OCTETS_BEFORE_AT
        assert (made == mailbox) is (length > 20)


def test_the_key_comes_from_that_of_links() -> None:
    pem, other = (_pem(Ed25519PrivateKey.generate()) for _ in range(2))
    assert reply_key(pem) == reply_key(pem) != reply_key(other)
    with pytest.raises(ValueError, match="Ed25519"):
        reply_key(_pem(generate_private_key(65537, 2048)))


def test_an_anchor_is_the_same_each_time_and_of_one_ticket() -> None:
    of = [addresses.anchor("acme.example", TENANT, each) for each in (TICKET, TICKET, UUID(int=0))]
    assert of[0] == of[1] != of[2]


def _pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
