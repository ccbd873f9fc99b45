"""Strangers' papers as pictures: what is made to do harm costs the process that draws it, and nothing else."""

import io
import struct
import zlib

import psutil
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from stores.files import pictures
from stores.files.picture_child import WIDTH
from stores.files.pictures import NoPicture, picture_of
from tests.stack.waiting import eventually


def image(mode: str, size: tuple[int, int], colour: str, kind: str) -> bytes:
    drawn = io.BytesIO()
    Image.new(mode, size, colour).save(drawn, kind)
    return drawn.getvalue()


def pdf(pages: int, size: tuple[float, float] = (595, 842)) -> bytes:
    drawn = io.BytesIO()
    canvas = Canvas(drawn, pagesize=size)
    for number in range(pages):
        canvas.drawString(20, 20, f"Page {number}")
        canvas.showPage()
    canvas.save()
    return drawn.getvalue()


def huge_png() -> bytes:
    """Fifty kilobytes that want ten gigabytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(50_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def filling_pdf(times: int) -> bytes:
    """A page that is filled so often; two million times are eighty kilobytes."""
    deeds = zlib.compress(b"0 0 500 500 re f " * times, 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 500]/Contents 4 0 R>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n" % len(deeds) + deeds + b"\nendstream",
    ]
    bodies = b"".join(b"%d 0 obj\n" % number + each + b"\nendobj\n" for number, each in enumerate(objects, 1))
    return b"%PDF-1.7\n" + bodies + b"trailer<</Root 1 0 R/Size 5>>\n%%EOF"


def shown(picture: bytes) -> Image.Image:
    opened = Image.open(io.BytesIO(picture))
    assert opened.format == "JPEG"
    return opened


async def test_a_pdf_is_its_first_ten_pages_one_below_the_other() -> None:
    ten, more = shown(await picture_of(pdf(10))), shown(await picture_of(pdf(12)))
    assert ten.size == more.size
    assert ten.width == WIDTH
    assert ten.height > 10 * WIDTH


async def test_what_can_be_looked_through_lies_on_white() -> None:
    picture = shown(await picture_of(image("RGBA", (3_000, 40), "#00000000", "PNG")))
    assert picture.width == WIDTH
    assert picture.getpixel((0, 0)) == (255, 255, 255)


HOSTILE = {
    "a picture of ten gigabytes": huge_png(),
    "a picture cut off": image("RGB", (900, 900), "teal", "JPEG")[:2_000],
    "a picture of another kind": image("RGB", (9, 9), "teal", "GIF"),
    "nothing": b"",
    "a PDF cut off": pdf(3)[:400],
    "a PDF of nonsense": b"%PDF-1.7\n" + bytes(range(256)) * 100,
    "a PDF without pages": b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_what_cannot_be_drawn_is_refused(what: str) -> None:
    with pytest.raises(NoPicture):
        await picture_of(HOSTILE[what])


def children() -> set[psutil.Process]:
    """The processes that this one has begun, and that have not ended."""
    return {child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE}


async def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_WITHIN_SECONDS", 0.5)
    before = children()
    with pytest.raises(NoPicture):
        await picture_of(filling_pdf(2_000_000))
    await eventually(lambda: children() <= before, "the process has ended")
    monkeypatch.undo()
    assert shown(await picture_of(filling_pdf(1))).width == WIDTH
