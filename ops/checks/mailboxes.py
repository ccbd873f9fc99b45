"""Whether every mailbox is fetched, and what comes in is read."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from domain.mail.states import MailboxState, Source, Waits
from ops.checks.database import reading
from ops.trouble import Trouble
from runtime.settings import Settings
from stores.mail.standing import MailboxStanding, mailboxes

_LOOKED_AT_WITHIN = timedelta(minutes=10)
_READ_WITHIN = timedelta(minutes=5)

_WAITS = {
    Waits.NOTHING: "reads",
    Waits.SERVER: "waits for the server",
    Waits.NEXT_LOOK: "waits for its next look",
    Waits.NEXT_TRY: "waits for its next try",
    Waits.PERSON: "waits for a person",
}


async def all_mailboxes(settings: Settings) -> str:
    """Each that is not paused is looked at, and its mails are read. A line for each."""
    async with reading(settings) as database:
        found = await mailboxes(database)
    if not found:
        return "there are none"
    now = datetime.now(UTC)
    lines = [_line(each, now) for each in found]
    wrong = [each for each in found if is_wrong(each, now)]
    if wrong:
        raise Trouble("\n".join([f"{len(wrong)} of {len(found)} not as they should be", *lines]))
    return "\n".join([f"{len(found)}, each is looked after", *lines])


def is_wrong(mailbox: MailboxStanding, now: datetime) -> bool:
    """Whether somebody should look: its mails wait, or it fails, or nobody has looked into it for long."""
    if mailbox.lag_seconds > _READ_WITHIN.total_seconds():
        return True
    if mailbox.state is MailboxState.PAUSED or mailbox.source is not Source.IMAP:
        return False
    # One that has just been made waits for its first look.
    heard = max(mailbox.changed_at, mailbox.last_looked_at or mailbox.changed_at)
    return mailbox.state is MailboxState.FAILING or now - heard > _LOOKED_AT_WITHIN


def _line(mailbox: MailboxStanding, now: datetime) -> str:
    told: Sequence[str] = [
        f"{mailbox.state}, {_WAITS[mailbox.waits]}",
        f"last mail {_ago(mailbox.last_mail_at, now)}",
        f"lag {mailbox.unread} unread, the oldest for {timedelta(seconds=round(mailbox.lag_seconds))}"
        if mailbox.unread
        else "no lag",
        f"last UID {mailbox.last_uid}",
        f"last error {mailbox.last_error} {_ago(mailbox.last_error_at, now)}" if mailbox.last_error else "no error",
    ]
    return f"          {mailbox.tenant}/{mailbox.name}: {', '.join(told)}"


def _ago(moment: datetime | None, now: datetime) -> str:
    return f"{timedelta(seconds=round((now - moment).total_seconds()))} ago" if moment else "never"
