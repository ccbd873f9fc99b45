"""What lies in a mail can be fetched from its bytes again, by the place at which it was listed."""

import pytest

from domain.mail.reading.content import Unreadable
from domain.mail.reading.marker import MARKERS, is_marker, marker
from domain.mail.reading.parts import part_bytes
from domain.mail.reading.reader import read
from tests.domain.mail.reading.cases.structures import INNER
from tests.domain.mail.reading.corpus import LETTERS
from tests.domain.mail.reading.letters import ARRIVED, Letter, file, nested, part, plain, several

PDF = b"%PDF-1.7 " + bytes(range(256))


def fetched(raw: bytes) -> list[bytes]:
    return [part_bytes(raw, one.place) for one in read(raw, arrived_at=ARRIVED).parts]


@pytest.mark.parametrize("letter", [one for one in LETTERS if one.expected.get("files")], ids=lambda one: one.kind)
def test_each_part_has_the_size_that_is_told(letter: Letter) -> None:
    parts = read(letter.raw, arrived_at=ARRIVED).parts
    assert [len(part_bytes(letter.raw, one.place)) for one in parts] == [one.size for one in parts]


def test_a_part_is_what_was_sent() -> None:
    raw = several(part("Hi"), nested("mixed", part("you"), file("a.pdf", PDF)), file("b.pdf", PDF[::-1]))
    assert fetched(raw) == [PDF, PDF[::-1]]


def test_a_mail_in_a_mail_is_all_of_it() -> None:
    assert fetched(several(part("Hi"), part(INNER, "message/rfc822"))) == [INNER]


def test_bytes_that_are_not_encoded_stay_as_they_are() -> None:
    assert fetched(several(part("Hi"), part(PDF, "application/pdf", "Content-Transfer-Encoding: binary"))) == [PDF]


def test_what_was_refused_can_be_fetched_too() -> None:
    raw = several(
        part("Hi"), file("winmail.dat", PDF, "application/ms-tnef"), *(file(f"{n}.pdf", PDF) for n in range(21))
    )
    assert fetched(raw) == [PDF] * 22


@pytest.mark.parametrize("place", [-1, 2, 10**9])
def test_where_there_is_no_part_nothing_is_fetched(place: int) -> None:
    with pytest.raises(Unreadable):
        part_bytes(several(part("Hi"), file("a.pdf")), place)


def test_no_bytes_break_it() -> None:
    for raw, held in ((b"", b""), (b"\x00", b"\x00"), (b"\n\n", b"")):
        assert part_bytes(raw, 0) == held


def test_our_line_is_known_again_in_every_language() -> None:
    for language, line in MARKERS.items():
        assert marker(f"{language}-XX") == line
        assert is_marker(f"> > {line}")
        assert is_marker(f"{line} ")
    assert marker("de") == MARKERS["en"]
    assert not is_marker("##- something else -##")


def test_the_text_of_a_calendar_is_no_text_to_read() -> None:
    assert read(plain("BEGIN:VCALENDAR", kind="text/calendar"), arrived_at=ARRIVED).text == ""
