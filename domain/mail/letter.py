"""Whose words a mail holds: its sender's, those of whoever filled in a form, or those of a mail that staff forward."""

from dataclasses import dataclass

from domain.mail.listing import Listed
from domain.mail.reading.content import Mailbox, ReadMail
from domain.mail.states import Verdict


@dataclass(frozen=True)
class Letter:
    """What is decided about: `sender` is None where the mail names nobody. `forwarded` says that staff have passed it
    on, who vouch for whom it is from."""

    sender: Mailbox | None
    subject: str
    text: str
    verdict: Verdict
    forwarded: bool = False


def letter_of(mail: ReadMail, verdict: Verdict, listed: Listed | None) -> Letter:
    """The letter that a mail is. Without a From it is its Return-Path's; of one that a listed form sends it is the
    Reply-To's, of whom only the form knows, so nothing is proven."""
    sender = mail.sender or (Mailbox(mail.return_path) if mail.return_path else None)
    if listed is Listed.FORM and mail.reply_to:
        return Letter(mail.reply_to[0], mail.subject, mail.text, unproven(verdict))
    return Letter(sender, mail.subject, mail.text, verdict)


def inner_of(mail: ReadMail, letter: Letter) -> Letter | None:
    """The letter inside one that somebody of the staff, who is proven to have sent it, forwards; None where there is
    none, or nobody knows whose."""
    inner = mail.forwarded
    if inner is None or inner.sender is None or letter.verdict is not Verdict.PASS:
        return None
    return Letter(inner.sender, inner.subject or letter.subject, inner.text, letter.verdict, forwarded=True)


def unproven(verdict: Verdict) -> Verdict:
    """What is left of a verdict where the proof was another's."""
    return Verdict.NONE if verdict is Verdict.PASS else verdict
