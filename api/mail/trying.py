"""What rules would have done with mails that have come."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.mail.rule_schemas import ChoicesView, DryRunMailView, DryRunView, RuleBody, RuleCountView
from domain.mail.reading.content import Mailbox, Part, ReadMail
from domain.mail.rules import LONGEST_TEXT, Choices, Chosen, Condition, Rule, choose
from domain.mail.states import MailState
from models.mail import Mail, MailPart

MOST_MAILS = 1_000
MOST_SHOWN = 100
_AT_ONCE = 100


def as_rule(ident: str, body: RuleBody) -> Rule:
    """A rule that is not stored. Raises RuleFault."""
    conditions = tuple(Condition.of(each.model_dump()) for each in body.conditions)
    return Rule(ident, body.name, conditions, Choices.of(body.choices.model_dump(mode="json")))


async def try_out(session: AsyncSession, tenant_id: UUID, rules: Sequence[Rule], *, stored: bool) -> DryRunView:
    """What the rules, in their order, choose for the newest mails that have been read; `stored` ones have ids."""
    looked_at, counted = 0, Counter[str]()
    shown: list[DryRunMailView] = []
    parts = await _parts(session, tenant_id)
    for start in range(0, MOST_MAILS, _AT_ONCE):
        mails = (await session.execute(_mails(tenant_id).offset(start).limit(_AT_ONCE))).all()
        for mail, chosen in await asyncio.to_thread(_choose_for, rules, mails, parts):
            counted.update({each["rule_id"] for each in chosen.because})
            if chosen.because and len(shown) < MOST_SHOWN:
                shown.append(_shown(mail, chosen))
        looked_at += len(mails)
        if len(mails) < _AT_ONCE:
            break
    counts = [
        RuleCountView(rule=rule.name, rule_id=UUID(rule.id) if stored else None, mails=counted[rule.id])
        for rule in rules
    ]
    return DryRunView(looked_at=looked_at, rules=counts, mails=shown)


def _newest(tenant_id: UUID) -> sa.Select[Any]:
    read = col(Mail.state).not_in([MailState.RECEIVED, MailState.FAILED, MailState.DELETED, MailState.DUPLICATE])
    query = sa.select(col(Mail.id)).where(col(Mail.tenant_id) == tenant_id, read)
    return query.order_by(col(Mail.received_at).desc(), col(Mail.id).desc())


def _mails(tenant_id: UUID) -> sa.Select[Any]:
    columns: Sequence[Any] = (
        *(Mail.received_at, Mail.subject, Mail.sender_address, Mail.sender_name),
        *(Mail.recipients, Mail.headers, Mail.score),
    )
    # Rules look at no more of a text.
    text = sa.func.left(col(Mail.text), LONGEST_TEXT).label("text")
    return _newest(tenant_id).add_columns(*columns, text)


async def _parts(session: AsyncSession, tenant_id: UUID) -> dict[UUID, list[str]]:
    """The names of the attachments, by mail."""
    found: dict[UUID, list[str]] = {}
    of_newest = col(MailPart.mail_id).in_(_newest(tenant_id).limit(MOST_MAILS).scalar_subquery())
    for row in await session.execute(sa.select(col(MailPart.mail_id), col(MailPart.name)).where(of_newest)):
        found.setdefault(row.mail_id, []).append(row.name)
    return found


def _choose_for(rules: Sequence[Rule], mails: Sequence[Any], parts: dict[UUID, list[str]]) -> list[tuple[Any, Chosen]]:
    return [(mail, choose(rules, _read(mail, parts.get(mail.id, [])), mail.score or 0)) for mail in mails]


def _read(mail: Any, names: Sequence[str]) -> ReadMail:
    """As much of a mail as rules look at."""
    recipients = mail.recipients or {}
    sender = Mailbox(mail.sender_address, mail.sender_name or "") if mail.sender_address else None
    return ReadMail(
        message_id=None,
        in_reply_to=(),
        references=(),
        sender=sender,
        return_path=None,
        reply_to=(),
        to=_mailboxes(recipients.get("to")),
        cc=_mailboxes(recipients.get("cc")),
        subject=mail.subject or "",
        sent_at=None,
        text=mail.text or "",
        quoted="",
        html=None,
        remote_images=False,
        headers=tuple((name, value) for name, value in mail.headers or ()),
        parts=tuple(Part(place, name, "", 0) for place, name in enumerate(names)),
        links=(),
        forwarded=None,
        reports=(),
        report_of=None,
        is_form=False,
        cut=(),
        digest="",
    )


def _mailboxes(stored: Any) -> tuple[Mailbox, ...]:
    return tuple(Mailbox(each["address"], each.get("name") or "") for each in stored or ())


def _shown(mail: Any, chosen: Chosen) -> DryRunMailView:
    return DryRunMailView(
        mail_id=mail.id,
        received_at=mail.received_at,
        subject=mail.subject,
        sender_address=mail.sender_address,
        choices=ChoicesView.model_validate(chosen.choices.chosen),
        because=[dict(each) for each in chosen.because],
    )
