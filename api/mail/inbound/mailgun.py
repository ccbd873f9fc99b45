"""Mails by Mailgun's routes: whole (`body-mime`, to an address that ends with `mime`), or taken apart; the time stamp
and a token are signed with HMAC.

What Mailgun's header says of SPF and DKIM is not believed: it need not be Mailgun's. A whole mail proves itself.
"""

import hmac
import re
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

from api.mail.inbound.composing import Attached, TakenApart, Words, shown_as
from api.mail.inbound.deliveries import Brought
from api.mail.inbound.forms import Form

RETRIED_FOR = timedelta(hours=8)
"""For so long Mailgun sends a mail again that was not taken."""

_ATTACHMENT = re.compile(r"attachment-\d+")


def is_signed(form: Form, signing_key: str) -> bool:
    """Whether Mailgun has signed the form's time stamp and token."""
    signed = f"{form.text('timestamp')}{form.text('token')}".encode()
    expected = hmac.new(signing_key.encode(), signed, sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), form.text("signature").strip().lower().encode())


def brought_by(form: Form) -> Brought | None:
    """What a form has brought; None when there is no mail in it."""
    header = list(_header(form.json("message-headers")))
    raw = form.get("body-mime")
    if raw is None and not header:
        return None
    sender = form.get("sender")
    return Brought(
        raw or _taken_apart(form, header),
        sender=sender.text.strip() if sender else None,
        recipients=[each.strip() for each in form.text("recipient").split(",") if each.strip()],
    )


def _taken_apart(form: Form, header: list[tuple[str, str]]) -> TakenApart:
    words = [
        Words(field, subtype)
        for name, subtype in (("body-plain", "plain"), ("body-html", "html"))
        if (field := form.get(name))
    ]
    shown = shown_as(form.object("content-id-map"))
    attached = [
        Attached(field, field.file_name, field.content_type, shown.get(field.name))
        for field in form.fields
        if _ATTACHMENT.fullmatch(field.name)
    ]
    return TakenApart(header, words, attached)


def _header(said: Any) -> Iterator[tuple[str, str]]:
    """The mail's header as Mailgun sends it: a list of names with their values."""
    for each in said if isinstance(said, list) else ():
        if isinstance(each, list) and len(each) == 2 and all(isinstance(one, str) for one in each):
            yield each[0], each[1]
