"""The link by which a customer answers a quote without an account.

It is a signed token for this one quote, computed again whenever it is needed: no row holds it. It expires with the
quote's validity. If the quote ends earlier, the workflow refuses the answer.
"""

from datetime import datetime
from uuid import UUID

from stores.signed_tokens import SignedTokens

AUDIENCE = "quote"
WITH_LINK = frozenset({"quote_sent", "quote_reminder", "quote_withdrawn"})
"""The mail templates that hold the link."""
WITH_PAPER = frozenset({"quote_sent"})
"""The mail templates that have the quote's PDF attached."""


def quote_token(
    tokens: SignedTokens, tenant_id: UUID, quote_id: UUID, *, sent_at: datetime, valid_until: datetime
) -> str:
    """The token of a sent quote: the same arguments give the same one."""
    claims = {"sub": str(quote_id), "tid": str(tenant_id)}
    return tokens.sign(AUDIENCE, claims, at=sent_at, expires_at=valid_until)
