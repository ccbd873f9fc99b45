"""Which of the mails that lie in a folder are read, and with how many bytes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.mail.states import Start

AGAIN_FOR = timedelta(days=7)
"""So far back a folder is read again whose UIDs have lost their meaning (a new UIDVALIDITY, RFC 3501 2.3.1.1)."""

_CLOCKS_DIFFER_BY = timedelta(minutes=1)
"""A server says by its own clock when a mail came."""

PARTIAL_BYTES = 256 * 1024
"""So much is read of the header, and of what follows it, of a mail that is too large."""


@dataclass(frozen=True)
class Reach:
    """How far back a folder is read. UIDs from `from_uid` on are all read: they came after the folder was first looked
    at, or after its UIDs changed their meaning. Of those below it is decided mail by mail: what came since the mailbox
    was connected is read, of what came before as much as `start` says.

    `again_since` is set once UIDs have changed their meaning: what came before then is known, or was never wanted.
    """

    start: Start
    from_uid: int
    connected_at: datetime
    since: datetime | None = None
    again_since: datetime | None = None

    def wants(self, uid: int, *, arrived_at: datetime, seen: bool) -> bool:
        """Whether a mail is read."""
        if uid >= self.from_uid:
            return True
        if self.again_since is not None and arrived_at < self.again_since:
            return False
        if arrived_at >= self._connected:
            return True
        match self.start:
            case Start.NOW:
                return False
            case Start.UNSEEN:
                return not seen
            case Start.SINCE:
                return self.since is None or arrived_at >= self.since

    @property
    def earliest(self) -> datetime | None:
        """What came before this moment need not be asked for; None where all of it must."""
        of_start = {Start.NOW: self._connected, Start.SINCE: self.since, Start.UNSEEN: None}[self.start]
        return max(filter(None, (of_start, self.again_since)), default=None)

    @property
    def _connected(self) -> datetime:
        return self.connected_at - _CLOCKS_DIFFER_BY


def again_since(now: datetime, last_looked_at: datetime | None) -> datetime:
    """From when on a folder is read again: seven days back, further where nobody has looked for longer."""
    return min(now - AGAIN_FOR, last_looked_at or now)
