"""Mails as reading leaves them, for tests of what is decided about them."""

from typing import Any

from domain.mail.reading.content import Mailbox, ReadMail

_PLAIN = ReadMail(
    message_id="<one@people.example>",
    in_reply_to=(),
    references=(),
    sender=Mailbox("ada@people.example", "Ada"),
    return_path=None,
    reply_to=(),
    to=(Mailbox("support@acme.example"),),
    cc=(),
    subject="Help",
    sent_at=None,
    text="It does not work.",
    quoted="",
    html=None,
    remote_images=False,
    headers=(),
    parts=(),
    links=(),
    forwarded=None,
    reports=(),
    report_of=None,
    is_form=False,
    cut=(),
    digest="0" * 64,
)


def mail(**values: Any) -> ReadMail:
    """A plain mail, but for these values."""
    return ReadMail(**{**vars(_PLAIN), **values})
