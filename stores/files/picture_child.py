"""Draws one file as one picture: a stranger's bytes come in, a JPEG goes out, and nothing else is touched.

It runs as a process of its own with little memory and time, because what it reads may be made to do harm.
"""

import io
import resource
import sys

from PIL import Image, ImageOps

WIDTH = 1_100
PAGES = 10
_GAP = 12
_MOST_PIXELS = 60_000_000
_MEMORY_BYTES = 1_500_000_000
_SECONDS = 15


def main() -> None:
    """Reads the file from standard input, and writes the picture to standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    content = sys.stdin.buffer.read()
    picture = _of_pdf(content) if content.startswith(b"%PDF") else _of_image(content)
    drawn = io.BytesIO()
    picture.convert("RGB").save(drawn, "JPEG", quality=82)
    sys.stdout.buffer.write(drawn.getvalue())


def _of_image(content: bytes) -> Image.Image:
    opened = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
    opened.draft("RGB", (2 * WIDTH, 2 * WIDTH))
    image: Image.Image = ImageOps.exif_transpose(opened)
    image.thumbnail((WIDTH, 3 * WIDTH))
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image)
    return image


def _of_pdf(content: bytes) -> Image.Image:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    pages = []
    for number in range(min(len(document), PAGES)):
        page = document[number]
        width, height = page.get_size()
        scale = min(WIDTH / width, 3 * WIDTH / height)
        pages.append(page.render(scale=scale).to_pil())
    whole = Image.new("RGB", (WIDTH, sum(page.height + _GAP for page in pages) - _GAP), "#d8d6d0")
    top = 0
    for page in pages:
        whole.paste(page, ((WIDTH - page.width) // 2, top))
        top += page.height + _GAP
    return whole


if __name__ == "__main__":
    main()
