"""By what a mail names a ticket, and what goes before what."""

from uuid import UUID, uuid4

import pytest

from domain.mail.naming import MOST_REFERENCES, Known, Named, NamedBy, named, numbers_in, referred
from domain.mail.states import KnownAs
from tests.domain.mail.mails import mail

A, B, C = uuid4(), uuid4(), uuid4()
NUMBER = "TCK-20261120-00042"


def found(
    *,
    by_address: tuple[Named, ...] = (),
    known: dict[str, Known] | None = None,
    numbered: dict[str, UUID] | None = None,
) -> Named | None:
    read = mail(in_reply_to=("<last>",), references=("<first>", "<second>"), subject=f"Re: [{NUMBER}] Help")
    return named(read, by_address=by_address, known=known or {}, numbered=numbered or {})


def test_a_signed_address_goes_before_references_and_these_before_the_number() -> None:
    address = Named(A, NamedBy.REPLY_ADDRESS)
    known, numbered = {"<first>": Known(B, KnownAs.SENT)}, {NUMBER: C}
    assert found(by_address=(address,), known=known, numbered=numbered) == address
    assert found(known=known, numbered=numbered) == Named(B, NamedBy.SENT)
    assert found(numbered=numbered) == Named(C, NamedBy.NUMBER)
    assert found() is None


def test_in_reply_to_goes_before_references_and_of_these_the_last_before_the_first() -> None:
    ids = {"<last>": Known(A, KnownAs.RECEIVED), "<second>": Known(B, KnownAs.SENT), "<first>": Known(C, KnownAs.SENT)}
    assert found(known=ids) == Named(A, NamedBy.RECEIVED)
    del ids["<last>"]
    assert found(known=ids) == Named(B, NamedBy.SENT)


@pytest.mark.parametrize("known_as", KnownAs)
def test_what_a_message_id_is_known_as_is_what_it_names_by(known_as: KnownAs) -> None:
    [by] = [each for each in NamedBy if each.value == known_as.value]
    assert found(known={"<last>": Known(A, known_as)}) == Named(A, by)
    assert by.secret


def test_of_a_thousand_references_the_nearest_are_looked_up() -> None:
    ids = referred(mail(in_reply_to=("<0>",), references=tuple(f"<{each}>" for each in range(1000))))
    assert ids[:2] == ("<0>", "<999>")
    assert len(ids) == MOST_REFERENCES


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        (f"Re: [{NUMBER}] Help", (NUMBER,)),
        (f"{NUMBER} Help", ()),
        (f"[{NUMBER}][{NUMBER}] [TCK-20261120-1234567]", (NUMBER, "TCK-20261120-1234567")),
        ("[TCK-2026-00042]", ()),
        ("", ()),
    ],
)
def test_numbers_are_read_in_brackets(subject: str, numbers: tuple[str, ...]) -> None:
    assert numbers_in(subject) == numbers
