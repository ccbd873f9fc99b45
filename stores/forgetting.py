"""Removes what is kept for a while only: old login attempts, lockouts and buckets, sessions and tokens that are over,
answers that were repeated long enough, drafts that nobody has touched. How long each is kept, the database says
(migration 0027): it lets nobody remove anything before."""

from collections import Counter
from datetime import timedelta

import sqlalchemy as sa

from models.database import Database

AT_ONCE = 1_000
"""So many rows of each table go in one transaction, so that nobody waits for it."""

_REMOVE = sa.text("SELECT what, removed FROM remove_what_is_over(:most, :locked_for)")


async def forget_what_is_over(database: Database, *, locked_for: timedelta) -> Counter[str]:
    """Removes all of it, a portion at a time; returns how many rows of each table. `locked_for` is how long an account
    that was guessed at is locked."""
    removed: Counter[str] = Counter()
    while True:
        async with database.transaction() as session:
            portion = (await session.execute(_REMOVE, {"most": AT_ONCE, "locked_for": locked_for})).all()
        removed.update({what: count for what, count in portion if count})
        if all(count < AT_ONCE for _, count in portion):
            return removed
