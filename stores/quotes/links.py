"""The link by which a customer answers a quote without an account.

It is a signed token for this one quote, made again whenever it is needed: no row holds it. It ends with the quote's
validity, and whatever else ends the quote is the workflow's to say.
"""

from datetime import datetime
from uuid import UUID

from stores.signed_tokens import SignedTokens

AUDIENCE = "quote"
WITH_LINK = frozenset({"quote_sent", "quote_reminder"})
"""The templates that lead there."""
WITH_PAPER = frozenset({"quote_sent"})
"""The templates that bring the quote on paper along."""


def quote_token(
    tokens: SignedTokens, tenant_id: UUID, quote_id: UUID, *, sent_at: datetime, valid_until: datetime
) -> str:
    """The token of a sent quote: the same arguments give the same one."""
    claims = {"sub": str(quote_id), "tid": str(tenant_id)}
    return tokens.sign(AUDIENCE, claims, at=sent_at, expires_at=valid_until)
