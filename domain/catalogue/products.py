"""What products are: their kinds, their prices over time, and what their pages hold."""

from datetime import datetime
from enum import StrEnum

from domain.files.types import FileType

DEEPEST_CATEGORY = 6
"""How many categories may lie in one another, the outermost counted."""

RESERVED_SLUGS = frozenset({"compare", "statistics"})
"""What stands where a product's slug could, in the paths of routes; the database gives none of these either."""

IMAGE_TYPES = frozenset({FileType.JPEG, FileType.PNG, FileType.GIF, FileType.WEBP})


class ProductKind(StrEnum):
    GOODS = "goods"
    SERVICE = "service"
    SUBSCRIPTION = "subscription"


class FileRole(StrEnum):
    """What a file is on a product's page."""

    IMAGE = "image"
    DOCUMENT = "document"


def on_sale(sale_price: int | None, sale_from: datetime | None, sale_until: datetime | None, at: datetime) -> bool:
    """Whether the sale price is asked at this moment: from `sale_from` on, and before `sale_until`."""
    if sale_price is None:
        return False
    return (sale_from is None or sale_from <= at) and (sale_until is None or at < sale_until)
