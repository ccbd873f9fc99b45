"""Pictures of what the demo sells, drawn here and handed in like anybody's files."""

import io

from PIL import Image, ImageDraw

from ops.demo.stage import Stage
from ops.demo.wares import on_sale

_SIZE, _SCALE = (640, 480), 8
_PAPER, _WOOD, _SHADE = "#f4efe6", "#9a6b3f", "#e3dacb"

# Boxes from left, top, right, bottom, in eightieths of the width and sixtieths of the height.
_BOXES: dict[str, tuple[tuple[int, int, int, int], ...]] = {
    "meeting-table": ((10, 26, 70, 30), (15, 30, 18, 50), (62, 30, 65, 50)),
    "chair": ((28, 8, 31, 52), (31, 30, 52, 33), (49, 33, 52, 52), (31, 8, 33, 24)),
    "assembly": ((37, 8, 43, 34), (30, 8, 50, 16), (38, 34, 42, 52)),
}


async def hung_up(stage: Stage) -> None:
    """Each product that has no picture gets one, through the rules of files; everybody sees them."""
    stage.title("The catalogue gets its pictures")
    manager = stage.people["manager"]
    for slug, boxes in _BOXES.items():
        product = await on_sale(stage, slug)
        if not product["images"]:
            file = await stage.api.upload(manager, f"{slug}.png", _drawn(boxes), "image/png")
            product = await stage.api.put(manager, f"/products/{product['id']}/images", file_ids=[file["id"]])
        (picture, *_) = product["images"]
        stage.remark("catalogue", f"{product['name']}: {picture['name']}, {picture['size']} bytes")
    shown = await stage.api.get(None, "/public/acme/products", limit=50)
    seen = sum(1 for product in shown["items"] if product["images"])
    stage.remark("everybody", f"sees {seen} products with pictures at /public/acme/products")


def _drawn(boxes: tuple[tuple[int, int, int, int], ...]) -> bytes:
    """A PNG with these boxes on a floor, in a few colours: about a kilobyte."""
    picture = Image.new("RGB", _SIZE, _PAPER)
    pencil = ImageDraw.Draw(picture)
    pencil.ellipse((12 * _SCALE, 48 * _SCALE, 68 * _SCALE, 56 * _SCALE), fill=_SHADE)
    for box in boxes:
        pencil.rounded_rectangle([each * _SCALE for each in box], radius=6, fill=_WOOD)
    png = io.BytesIO()
    picture.quantize(16).save(png, "PNG", optimize=True)
    return png.getvalue()
