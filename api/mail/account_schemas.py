"""What the routes of mailboxes take and give out. Secrets go in and never come out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from api.http.payloads import Name, Payload, Stored, UtcTime, View
from api.identity.schemas.people import Email, Locale
from domain.mail.checking import CheckLine, CheckStep
from domain.mail.states import After, LoginKind, MailboxState, Security, Source, Start, Waits
from models.mail import MailAccount

SIZE_LIMIT = 25 * 1024 * 1024
MOST_BYTES = 50 * 1024 * 1024
LEAST_BYTES = 64 * 1024
MOST_ALIASES = 20

IMAP_PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}
SMTP_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line of text")
    return text


def _token_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or not url.isascii():
        raise ValueError("must be like https://login.example.com/token")
    return url


def _some_secret(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not 1 <= len(text) <= 10_000:
        raise ValueError("must have 1 to 10,000 characters")
    if not text.isprintable():
        raise ValueError("must be one line of text")
    return secret


Host = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=253, to_lower=True, pattern=r"^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$"
    ),
]
Port = Annotated[int, Field(ge=1, le=65_535)]
Line = Annotated[Stored, StringConstraints(min_length=1, max_length=254), AfterValidator(_printable)]
Folder = Annotated[Stored, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]
Secret = Annotated[SecretStr, AfterValidator(_some_secret)]
Bytes = Annotated[int, Field(ge=LEAST_BYTES, le=MOST_BYTES)]
TokenUrl = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_token_url)]
Aliases = Annotated[list[Email], Field(max_length=MOST_ALIASES)]


class SinceBody(Payload):
    """From which moment on mails that lie in the folder are read."""

    since: UtcTime


class OAuth2Body(Payload):
    """How access tokens are had: with a refresh token, or with the client's own credentials."""

    token_url: TokenUrl
    client_id: Line
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    scope: Line | None = None

    @model_validator(mode="after")
    def _can_ask(self) -> Self:
        if self.client_secret is None and self.refresh_token is None:
            raise ValueError("needs a refresh token or a client secret")
        return self


class SmtpBody(Payload):
    """The server that the mailbox sends by."""

    host: Host
    port: Port | None = None
    security: Security = Security.TLS
    username: Line | None = None
    password: Secret | None = None


StartBody = Literal[Start.NOW, Start.UNSEEN] | SinceBody


class _Login(Payload):
    password: Secret | None = None
    oauth2: OAuth2Body | None = None
    signing_key: Secret | None = None

    @model_validator(mode="after")
    def _one_login(self) -> Self:
        if sum(each is not None for each in (self.password, self.oauth2, self.signing_key)) > 1:
            raise ValueError("there is one way to log in: password, oauth2 or signing_key")
        return self


class MailAccountBody(_Login):
    """A mailbox that is fetched by IMAP, with a host, a username and a password or OAuth2; or one whose mail a provider
    brings, with the key by which it signs."""

    name: Name
    address: Email
    aliases: Aliases = []
    source: Source = Source.IMAP
    host: Host | None = None
    port: Port | None = None
    security: Security = Security.TLS
    username: Line | None = None
    folder: Folder = "INBOX"
    start: StartBody = Start.NOW
    after: After = After.SEEN
    move_to: Folder | None = None
    plus_addressing: bool = True
    smtp: SmtpBody | None = None
    authserv_id: Line | None = None
    group_id: UUID | None = None
    category_id: UUID | None = None
    language: Locale | None = None
    size_limit: Bytes = SIZE_LIMIT

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.source is Source.IMAP:
            if self.host is None or self.username is None or (self.password is None and self.oauth2 is None):
                raise ValueError("a mailbox that is fetched needs a host, a username, and a password or oauth2")
        elif self.signing_key is None:
            raise ValueError("a provider's mailbox needs its signing_key")
        if self.after is After.MOVE and self.move_to is None:
            raise ValueError("needs move_to, the folder that mails are moved to")
        return self


class MailAccountChanges(_Login):
    """What is given is changed. Another server, or another login there, needs the secret anew: what was given for one
    server is never shown to another. `start` has the folder read anew."""

    name: Name | None = None
    address: Email | None = None
    aliases: Aliases | None = None
    host: Host | None = None
    port: Port | None = None
    security: Security | None = None
    username: Line | None = None
    folder: Folder | None = None
    start: StartBody | None = None
    after: After | None = None
    move_to: Folder | None = None
    plus_addressing: bool | None = None
    smtp: SmtpBody | None = None
    authserv_id: Line | None = None
    group_id: UUID | None = None
    category_id: UUID | None = None
    language: Locale | None = None
    size_limit: Bytes | None = None

    def given(self) -> dict[str, Any]:
        """The fields that are to be changed. Null takes away what need not be there, and says nothing elsewhere."""
        optional = {"move_to", "smtp", "authserv_id", "group_id", "category_id", "language"}
        named = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in named.items() if value is not None or name in optional}


class SmtpView(View):
    """The server that a mailbox sends by."""

    host: str
    port: int
    security: Security
    username: str | None
    has_secret: bool


class MailAccountView(View):
    """A mailbox and how it stands. `inbound_token` is the part of the address to which a provider brings its mail."""

    id: UUID
    name: str
    address: str
    aliases: list[str]
    source: Source
    host: str | None
    port: int | None
    security: Security
    username: str | None
    login: LoginKind
    has_secret: bool
    folder: str
    start: Start
    since: datetime | None
    after: After
    move_to: str | None
    plus_addressing: bool
    smtp: SmtpView | None
    authserv_id: str | None
    group_id: UUID | None
    category_id: UUID | None
    language: str | None
    size_limit: int
    inbound_token: str | None
    state: MailboxState
    waits: Waits
    last_uid: int
    last_mail_at: datetime | None
    last_looked_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: MailAccount, addresses: Sequence[str]) -> Self:
        """As administrators see it; `addresses` begin with what it sends as."""
        smtp = row.smtp_host and {
            "host": row.smtp_host,
            "port": row.smtp_port,
            "security": row.smtp_security,
            "username": row.smtp_username,
            "has_secret": row.smtp_secret is not None,
        }
        of_row = row.model_dump(exclude={"secret", "smtp_secret"})
        told = {"address": addresses[0], "aliases": list(addresses[1:]), "smtp": smtp or None}
        return cls.model_validate(of_row | told | {"has_secret": row.secret is not None})


class CheckLineView(View):
    """What came of a step: `ok`, `not_tried` when one before it has failed, or a code for why not."""

    step: CheckStep
    code: str


class CheckView(View):
    """A mailbox tried out; `ok` when every step went well."""

    ok: bool
    lines: list[CheckLineView]

    @classmethod
    def of(cls, lines: Sequence[CheckLine]) -> Self:
        """The lines as they were found."""
        return cls.model_validate({"ok": all(line.code == "ok" for line in lines), "lines": lines})
