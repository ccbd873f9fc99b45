"""A mail of each kind is read as it was meant."""

from collections import Counter

import pytest

from domain.mail.reading.reader import read
from tests.domain.mail.reading.corpus import LETTERS
from tests.domain.mail.reading.letters import ARRIVED, Letter, told


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.kind)
def test_a_mail_is_read_as_it_was_meant(letter: Letter) -> None:
    mail = read(letter.raw, arrived_at=ARRIVED)
    assert {name: told(mail, name) for name in letter.expected} == letter.expected


def test_each_kind_is_there_once() -> None:
    assert len(LETTERS) >= 120
    assert [kind for kind, times in Counter(letter.kind for letter in LETTERS).items() if times > 1] == []
