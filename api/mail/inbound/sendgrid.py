"""Mails by SendGrid's Inbound Parse: whole (`email`), or taken apart; signed with ECDSA over time stamp and body."""

import base64
import binascii
import re
from datetime import timedelta
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from api.mail.inbound.composing import Attached, TakenApart, Words, header_of, shown_as
from api.mail.inbound.deliveries import Brought
from api.mail.inbound.forms import Form

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
RETRIED_FOR = timedelta(days=3)
"""For so long SendGrid sends a mail again that was not taken."""

_DKIM = re.compile(r"@([\w.-]{1,253})\s*:\s*(\w{1,20})")


class BodySignature:
    """The signature over the time stamp and the body, which it is told as it comes."""

    def __init__(self, timestamp: str) -> None:
        self._digest = sha256(timestamp.encode())

    def seen(self, chunk: bytes) -> None:
        self._digest.update(chunk)

    def is_by(self, public_key: str, signature: str) -> bool:
        """Whether the signature (base64) is of the key (P-256, DER in base64 as SendGrid shows it)."""
        try:
            key = load_der_public_key(base64.b64decode(public_key, validate=True))
            signed = base64.b64decode(signature, validate=True)
            if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
                return False
            key.verify(signed, self._digest.digest(), ECDSA(Prehashed(SHA256())))
        except (binascii.Error, ValueError, InvalidSignature, UnsupportedAlgorithm):
            return False
        return True


def brought_by(form: Form) -> Brought | None:
    """What a form has brought; None when there is no mail in it."""
    envelope = form.object("envelope")
    recipients = envelope.get("to")
    sender = envelope.get("from")
    raw = form.get("email")
    if raw is None and form.get("headers") is None:
        return None
    return Brought(
        raw or _taken_apart(form),
        sender=sender if isinstance(sender, str) else None,
        recipients=[each for each in recipients if isinstance(each, str)] if isinstance(recipients, list) else [],
        spf=form.text("SPF").strip().lower() or None,
        dkim=[(domain.lower(), result.lower()) for domain, result in _DKIM.findall(form.text("dkim"))],
    )


def _taken_apart(form: Form) -> TakenApart:
    charsets = form.object("charsets")
    words = [
        Words(field, subtype, str(charsets.get(name, "utf-8")))
        for name, subtype in (("text", "plain"), ("html", "html"))
        if (field := form.get(name))
    ]
    about = form.object("attachment-info")
    shown = shown_as(form.object("content-ids"))
    attached = []
    for field in form.fields:
        if re.fullmatch(r"attachment\d+", field.name):
            said = about.get(field.name)
            known: dict[str, Any] = said if isinstance(said, dict) else {}
            content_id = known.get("content-id") or shown.get(field.name)
            name, kind = known.get("filename") or field.file_name, known.get("type") or field.content_type
            attached.append(Attached(field, _text(name), _text(kind), _text(content_id)))
    return TakenApart(header_of(form.text("headers")), words, attached)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
