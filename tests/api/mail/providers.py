"""SendGrid and Mailgun, as far as they bring mail: with keys that are made here."""

import base64
import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.mail.inbound.sendgrid import SIGNATURE, TIMESTAMP
from domain.mail.states import Source
from models.mail import MailAccount
from tests.api.house import Company
from tests.api.mail.post import mailbox_of, tenant_of

Part = tuple[str | None, bytes, str | None]
"""A field of a form: its file name, bytes and type."""


async def provided(company: Company, source: Source, secret: str, **given: Any) -> MailAccount:
    """A new mailbox of the company's that a provider brings mail to."""
    account = await mailbox_of(company, name=f"{source}-{uuid4()}", source=source, inbound_token=uuid4().hex, **given)
    async with company.house.database.transaction(tenant_of(company)) as session:
        row = await session.get_one(MailAccount, account.id)
        row.secret = company.house.services.secrets.seal(row.tenant_id, row.id, secret)
    return account


@dataclass
class SendGrid:
    """Signs with a key of its own."""

    key: Any = field(default_factory=lambda: generate_private_key(SECP256R1()))

    @property
    def public_key(self) -> str:
        der = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    def request(self, fields: dict[str, Part], *, age: timedelta = timedelta()) -> tuple[bytes, dict[str, str]]:
        """The body and the headers that bring this form."""
        body, content_type = multipart(fields)
        timestamp = str(int((datetime.now(UTC) - age).timestamp()))
        signature = self.key.sign(timestamp.encode() + body, ECDSA(SHA256()))
        headers = {"Content-Type": content_type, TIMESTAMP: timestamp, SIGNATURE: base64.b64encode(signature).decode()}
        return body, headers

    def whole(self, mail: EmailMessage) -> dict[str, Part]:
        """The form of a mail as it came."""
        return {**self._envelope(mail), "email": (None, bytes(mail), None)}

    def taken_apart(self, mail: EmailMessage) -> dict[str, Part]:
        """The form of the same mail in parts."""
        fields: dict[str, Part] = {**self._envelope(mail), "headers": (None, header_text(mail), None)}
        charsets = {}
        for subtype, name in (("plain", "text"), ("html", "html")):
            if part := mail.get_body((subtype,)):
                fields[name] = (None, part.get_payload(decode=True), None)
                charsets[name] = part.get_content_charset() or "utf-8"
        about: dict[str, Any] = {}
        for number, part in enumerate(attachments_of(mail), start=1):
            name = f"attachment{number}"
            fields[name] = (part.get_filename(), part.get_payload(decode=True), part.get_content_type())
            about[name] = {"filename": part.get_filename(), "type": part.get_content_type()}
            if part["Content-ID"]:
                about[name]["content-id"] = str(part["Content-ID"]).strip("<>")
        fields["attachment-info"] = (None, json.dumps(about).encode(), None)
        fields["charsets"] = (None, json.dumps(charsets).encode(), None)
        return fields

    def _envelope(self, mail: EmailMessage) -> dict[str, Part]:
        sender, to = (mail[name].addresses[0].addr_spec for name in ("From", "To"))
        envelope = json.dumps({"to": [to], "from": sender}).encode()
        signed = f"{{@{sender.rpartition('@')[2]} : pass}}".encode()
        return {"envelope": (None, envelope, None), "SPF": (None, b"pass", None), "dkim": (None, signed, None)}


@dataclass
class Mailgun:
    """Signs with a key of its own."""

    key: str = field(default_factory=lambda: uuid4().hex)

    def stamped(self, *, age: timedelta = timedelta()) -> dict[str, Part]:
        """A signed stamp."""
        timestamp, token = str(int((datetime.now(UTC) - age).timestamp())), uuid4().hex
        signature = hmac.new(self.key.encode(), f"{timestamp}{token}".encode(), sha256).hexdigest()
        stamp = {"timestamp": timestamp, "token": token, "signature": signature}
        return {name: (None, value.encode(), None) for name, value in stamp.items()}

    def whole(self, mail: EmailMessage) -> dict[str, Part]:
        return {**self._envelope(mail), "body-mime": (None, bytes(mail), None)}

    def taken_apart(self, mail: EmailMessage) -> dict[str, Part]:
        pairs = [[name, str(value)] for name, value in mail.items()]
        fields = {**self._envelope(mail), "message-headers": (None, json.dumps(pairs).encode(), None)}
        for subtype, name in (("plain", "body-plain"), ("html", "body-html")):
            if part := mail.get_body((subtype,)):
                fields[name] = (None, part.get_content().encode(), None)
        shown = {}
        for number, part in enumerate(attachments_of(mail), start=1):
            name = f"attachment-{number}"
            fields[name] = (part.get_filename(), part.get_payload(decode=True), part.get_content_type())
            if part["Content-ID"]:
                shown[str(part["Content-ID"])] = name
        fields["content-id-map"] = (None, json.dumps(shown).encode(), None)
        return fields

    def _envelope(self, mail: EmailMessage) -> dict[str, Part]:
        sender, to = (mail[name].addresses[0].addr_spec.encode() for name in ("From", "To"))
        return {"sender": (None, sender, None), "recipient": (None, to, None)}


def attachments_of(mail: EmailMessage) -> list[EmailMessage]:
    """All parts that are neither text nor made of others, pictures in place too."""
    texts = [mail.get_body(("plain",)), mail.get_body(("html",))]
    return [part for part in mail.walk() if not part.is_multipart() and part not in texts]


def header_text(mail: EmailMessage) -> bytes:
    """The header as text."""
    return bytes(mail).partition(b"\n\n")[0].replace(b"\n", b"\r\n") if b"\r\n" not in bytes(mail) else _head(mail)


def _head(mail: EmailMessage) -> bytes:
    return bytes(mail).partition(b"\r\n\r\n")[0]


def multipart(fields: dict[str, Part]) -> tuple[bytes, str]:
    """A form and its type."""
    boundary = uuid4().hex
    body = bytearray()
    for name, (file_name, content, content_type) in fields.items():
        said = f'; filename="{re.sub("[^ -~]", "_", file_name)}"' if file_name else ""
        kind = f"Content-Type: {content_type}\r\n" if content_type else ""
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{said}\r\n{kind}\r\n'.encode()
        body += content + b"\r\n"
    return bytes(body + f"--{boundary}--\r\n".encode()), f"multipart/form-data; boundary={boundary}"


async def bring(
    company: Company, account: MailAccount, path: str, body: bytes, headers: dict[str, str]
) -> httpx2.Response:
    """A provider's request."""
    return await company.house.visitor().post(
        f"/mail/inbound/{account.inbound_token}/{path}", content=body, headers=headers
    )
