"""What quotes, orders and invoices have in common: lines, and what these add up to.

The columns of each one's own tables. Amounts are in minor units of the document's currency, computed by `domain.tax`
when they were written; rates are basis points.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from models.base import TenantRow


class SalesContent(TenantRow):
    """What a document says besides its lines, of which an edit writes another: it never changes. `total` is with
    tax."""

    discount_bp: int = 0
    notes: str | None = None
    subtotal: int = Field(sa_type=sa.BigInteger)
    discount: int = Field(sa_type=sa.BigInteger)
    taxable: int = Field(sa_type=sa.BigInteger)
    tax: int = Field(sa_type=sa.BigInteger)
    total: int = Field(sa_type=sa.BigInteger)


class SalesLine(TenantRow):
    """A line of a content. It keeps the name that it was written with, even when the product is renamed.

    `quantity` is in thousandths; `net` is after the line's own discount, `tax` after every discount.
    """

    content_id: UUID
    position: int
    product_id: UUID | None = None
    name: str = Field(max_length=200)
    description: str | None = None
    quantity: int = Field(sa_type=sa.BigInteger)
    unit_price: int = Field(sa_type=sa.BigInteger)
    discount_bp: int = 0
    tax_rate_bp: int
    exemption: str | None = Field(default=None, max_length=200)
    net: int = Field(sa_type=sa.BigInteger)
    document_discount: int = Field(sa_type=sa.BigInteger)
    tax: int = Field(sa_type=sa.BigInteger)
