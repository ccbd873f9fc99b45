"""What products are: their kinds, their prices over time, and what their pages hold."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

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


class Priced(Protocol):
    """What costs `unit_price`, and `sale_price` from `sale_from` on and before `sale_until`."""

    unit_price: int
    sale_price: int | None
    sale_from: datetime | None
    sale_until: datetime | None


def price_at(product: Priced, at: datetime) -> int:
    """What a product costs at a moment: its sale price while that is asked."""
    if product.sale_price is None:
        return product.unit_price
    begun = product.sale_from is None or product.sale_from <= at
    over = product.sale_until is not None and product.sale_until <= at
    return product.sale_price if begun and not over else product.unit_price
