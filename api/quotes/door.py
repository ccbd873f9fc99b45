"""The door of quotes in the API: the only module of theirs that other lifecycles may import."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.identity.callers import Caller
from api.quotes.views import QUOTES
from models.quotes import Quote


async def quotes_seen_by(session: AsyncSession, caller: Caller, quote_ids: Collection[UUID]) -> set[UUID]:
    """Those of the quotes that the caller may see."""
    visible = QUOTES.visible(caller).with_only_columns(col(Quote.id))
    return set(await session.scalars(visible.where(col(Quote.id).in_(quote_ids))))
