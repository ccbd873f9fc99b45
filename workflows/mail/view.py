"""How a mailbox is shown in the Temporal UI."""

from datetime import datetime

from domain.mail.fetching import Standing
from domain.mail.states import Waits

_WAITS = {
    Waits.NOTHING: "nothing: it is reading",
    Waits.SERVER: "the server, which says when there is something new",
    Waits.NEXT_LOOK: "the next look at the server",
    Waits.NEXT_TRY: "the next try",
    Waits.PERSON: "a person",
}


def details(standing: Standing) -> str:
    """The mailbox in Markdown: ids, counts, codes and times only."""
    lines = [
        f"**{standing.state}**",
        f"- waits for {_WAITS[standing.waits]}" + (f", {_at(standing.next_try_at)}" if standing.next_try_at else ""),
        f"- last mail: {_at(standing.last_mail_at) if standing.last_mail_at else 'none yet'}",
        f"- lag: {standing.behind} mails that are at the server and not kept yet",
        f"- last UID: {standing.last_uid}",
    ]
    if standing.last_error and standing.last_error_at:
        lines.append(f"- last error: `{standing.last_error}`, {_at(standing.last_error_at)}")
    return "\n".join(lines)


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
