"""A file's type by its bytes, and which names and archives are accepted."""

import io
import zipfile
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.files.names import RUNNABLE_EXTENSIONS, checked_name
from domain.files.types import TEXT_TYPES, FileType, TextCheck, sniff
from domain.files.zips import MAX_ENTRIES, type_of_zip
from domain.refusal import Refusal
from tests.domain.files import samples

T = TypeVar("T")


def outcome(decide: Callable[[], T]) -> T | str:
    """What it gives, or the code by which it refuses."""
    try:
        return decide()
    except Refusal as refused:
        return refused.code


def type_of(content: bytes, name: str) -> FileType:
    """The type, once all of the content has been looked at."""
    found = sniff(content, name)
    if found in TEXT_TYPES:
        check = TextCheck()
        check.feed(content)
        check.finish()
    return found


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (samples.JPEG, "photo.jpg", FileType.JPEG),
        (samples.JPEG, "renamed.png", FileType.JPEG),
        (samples.png(), "screen.png", FileType.PNG),
        (samples.GIF, "a.gif", FileType.GIF),
        (samples.WEBP, "a.webp", FileType.WEBP),
        (samples.PDF, "invoice.pdf", FileType.PDF),
        (samples.PDF, "really a pdf.txt", FileType.PDF),
        (samples.zipped({"a.txt": b"a"}), "a.zip", FileType.ZIP),
        (samples.TEXT, "note.txt", FileType.TXT),
        (samples.TEXT, "note", FileType.TXT),
        (samples.CSV, "table.CSV", FileType.CSV),
        ("Größe;Menge\n".encode("cp1252"), "old.csv", FileType.CSV),
        ("Größe\tMenge\r\n".encode("utf-16"), "excel.txt", FileType.TXT),
        ("\ufeffmit Marke".encode(), "bom.txt", FileType.TXT),
        ("شكرا جزيلا".encode(), "عربي.txt", FileType.TXT),
        (b"<john@example.com> wrote:\n> hello\n", "mail.txt", FileType.TXT),
        (b"GIF is how they say it", "word.txt", FileType.TXT),
        (b"BMW 118i, blue", "car.txt", FileType.TXT),
        (b"%PDF is a format", "word.txt", FileType.TXT),
        (b"a < b and <b", "maths.txt", FileType.TXT),
    ],
)
def test_the_bytes_say_what_it_is(content: bytes, name: str, expected: FileType) -> None:
    assert sniff(content, name) is expected


@pytest.mark.parametrize(
    "content",
    [
        samples.MZ,
        samples.ELF,
        samples.MACH_O,
        samples.JAVA_CLASS,
        samples.SHORTCUT,
        samples.OLD_WORD,
        samples.SHELL,
        samples.BATCH,
        samples.PHP,
        b"\n\t<?= 1 ?>",
        samples.HTML,
        b"  \n<HTML>",
        "\ufeff<script>1</script>".encode(),
        "<html>".encode("utf-16"),
        b"<!-- hidden --><html>",
        samples.SVG,
        samples.BARE_SVG,
        b"\x00\x01\x02\x03",
        b"Rar!\x1a\x07\x00",
        b"7z\xbc\xaf\x27\x1c\x00",
        b"\x1f\x8b\x08\x00",
        b"BM\x00\x00\x00\x00",
        b"PK\x05\x06" + bytes(18),
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"text\x00with a zero",
        b"\xff\xfe\x00",
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.png", "a.pdf", "a.docx", "a"])
def test_what_is_not_allowed_is_refused_whatever_its_name(content: bytes, name: str) -> None:
    assert outcome(lambda: type_of(content, name)) == "file_type_refused"


def test_text_does_not_pass_for_a_picture() -> None:
    with pytest.raises(Refusal, match=r"ends in \.png") as refused:
        sniff(samples.TEXT, "identity card.png")
    assert refused.value.code == "file_type_refused"


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        sniff(b"", "a.txt")
    assert refused.value.code == "file_empty"


@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.csv", "a.png", "a"]))
def test_garbage_is_a_type_or_a_refusal(content: bytes, name: str) -> None:
    assert outcome(lambda: type_of(content, name)) in {*FileType, "file_empty", "file_type_refused"}


@given(st.text(max_size=200), st.integers(1, 7), st.sampled_from(["utf-8", "utf-16"]))
def test_a_text_is_judged_alike_however_it_is_cut(text: str, step: int, encoding: str) -> None:
    content = text.encode(encoding, "ignore")

    def verdict(chunks: list[bytes]) -> str | None:
        check = TextCheck()

        def look() -> None:
            for chunk in chunks:
                check.feed(chunk)
            check.finish()

        return outcome(look)

    # What tells the encoding is always in the first piece: a file's head is read before it is looked at.
    head, rest = content[:2], content[2:]
    pieces = [head, *(rest[at : at + step] for at in range(0, len(rest), step))]
    assert verdict(pieces) == verdict([content])


@pytest.mark.parametrize(
    "name", ["a.txt", "Übersicht 2026.pdf", "photo", "v1.2", "عقد.pdf", "a b (1).docx", "Re: x.jpg"]
)
def test_names_that_are_kept(name: str) -> None:
    assert checked_name(name) == name


def test_a_name_is_normalised() -> None:
    assert checked_name("  U\u0308bersicht.pdf ") == "Übersicht.pdf"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        ".",
        "..",
        "../a.txt",
        "a/b.txt",
        "/etc/passwd",
        "..\\a.txt",
        "C:\\a.txt",
        "C:a.txt",
        "\\\\server\\a.txt",
        "a\x00.txt",
        "a\n.txt",
        "a.txt\r\n",
        "a\x7f.txt",
        "a\x85.txt",
        "a\u2028.txt",
        "a\ud800.txt",
        "annual\u202efdp.txt",
        "a.exe.",
        "x" * 252 + ".txt",
    ],
)
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked_name(name)
    assert refused.value.code == "file_name_refused"


@pytest.mark.parametrize(
    "name", ["a.exe", "a.pdf.EXE", "a.svg", "a.html", "a.js", "a.sh", ".exe", "a.txt:evil.exe", "a.exe\u200b", "a.docm"]
)
def test_endings_that_are_refused(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked_name(name)
    assert refused.value.code == "file_type_refused"


@given(st.text(max_size=300))
def test_a_name_that_is_kept_is_harmless(name: str) -> None:
    kept = outcome(lambda: checked_name(name))
    if kept in {"file_name_refused", "file_type_refused"}:
        return
    assert 0 < len(kept) <= 255
    assert not set(kept) & set("/\\\x00\r\n")
    assert kept.encode()
    assert checked_name(kept) == kept


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (samples.office(samples.WORD), FileType.DOCX),
        (samples.office(samples.EXCEL), FileType.XLSX),
        (samples.office(samples.POWERPOINT), FileType.PPTX),
        (samples.office(samples.WORD, **{"word/embeddings/old.bin": samples.OLD_WORD}), FileType.DOCX),
        (samples.zipped({"a.txt": b"a", "photos/b.jpg": samples.JPEG}), FileType.ZIP),
        (samples.zipped({"contract.docx": samples.office(samples.WORD)}), FileType.ZIP),
        (samples.zipped({"a.txt": b"a"}, zipfile.ZIP_STORED), FileType.ZIP),
        (samples.bomb(15_000_000), FileType.ZIP),
    ],
)
def test_zips_that_are_taken(content: bytes, expected: FileType) -> None:
    assert type_of_zip(io.BytesIO(content)) is expected


@pytest.mark.parametrize(
    "content",
    [
        *(samples.zipped({f"folder/a.{ending}": b"harmless?"}) for ending in sorted(RUNNABLE_EXTENSIONS)),
        samples.zipped({"a.EXE": b"a"}),
        samples.zipped({"a.exe. ": b"a"}),
        samples.zipped({"readme.txt": samples.MZ}),
        samples.zipped({"readme.txt": b"a", "deep/er/photo.jpg": samples.ELF}),
        samples.zipped({"notes.txt": samples.SHELL}),
        samples.office(samples.WORD_WITH_MACROS),
        samples.office(samples.WORD, **{"word/vbaProject.bin": b"macro"}),
        samples.office("application/vnd.ms-package.xps-fixeddocumentsequence+xml"),
    ],
)
def test_zips_that_hold_what_runs(content: bytes) -> None:
    assert outcome(lambda: type_of_zip(io.BytesIO(content))) == "file_type_refused"


@pytest.mark.parametrize(
    "content",
    [
        samples.bomb(25_000_000),
        samples.lying_bomb(4_000_000_000),
        samples.zipped({f"{n}.txt": b"" for n in range(MAX_ENTRIES + 1)}),
        samples.zipped({}),
        samples.zipped({"folder/": b""}),
        samples.zipped({"a.txt": b"a", "b.txt": b"b"}).replace(b"b.txt", b"\0.txt"),
        samples.zipped({"../../etc/passwd.txt": b"a"}),
        samples.zipped({"/etc/passwd.txt": b"a"}),
        samples.zipped({"inner.zip": samples.zipped({"a.txt": b"a"})}),
        samples.zipped({"inner.txt": b"7z\xbc\xaf\x27\x1c" + bytes(30)}),
        samples.zipped({"a.txt": b"a" * 1000}, zipfile.ZIP_LZMA),
        samples.encrypted(),
        samples.zipped({"a.txt": b"a"})[:-30],
        samples.zipped({"a.txt": b"a" * 50})[30:],
        b"PK\x03\x04",
    ],
)
def test_zips_that_nobody_should_open(content: bytes) -> None:
    assert outcome(lambda: type_of_zip(io.BytesIO(content))) == "archive_refused"


@given(st.data())
def test_a_damaged_zip_is_a_type_or_a_refusal(data: st.DataObject) -> None:
    whole = data.draw(
        st.sampled_from([samples.office(samples.WORD), samples.zipped({"a.txt": b"abc" * 50, "b": b"b"})])
    )
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    content = bytes(damaged[:cut]) if data.draw(st.booleans()) else bytes(damaged)
    found = outcome(lambda: type_of_zip(io.BytesIO(content)))
    assert found in {FileType.ZIP, FileType.DOCX, "archive_refused", "file_type_refused"}
