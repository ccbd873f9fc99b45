"""What a mailbox is doing, what has become of a mail, and the choices that both are made of."""

from enum import StrEnum


class MailboxState(StrEnum):
    """A `failing` mailbox is tried again and again; a `paused` one is left alone."""

    ACTIVE = "active"
    FAILING = "failing"
    PAUSED = "paused"


class Waits(StrEnum):
    """What a mailbox waits for: the server to speak (IDLE), the next look (60 s), the next try, a person, or nothing
    (it is reading)."""

    NOTHING = "nothing"
    SERVER = "server"
    NEXT_LOOK = "next_look"
    NEXT_TRY = "next_try"
    PERSON = "person"


class Security(StrEnum):
    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class LoginKind(StrEnum):
    PASSWORD = "password"  # noqa: S105
    OAUTH2 = "oauth2"


class Start(StrEnum):
    """Which of the mails that lie in a folder already are read: none, those nobody has read, those since a day."""

    NOW = "now"
    UNSEEN = "unseen"
    SINCE = "since"


class After(StrEnum):
    """What is done with a mail on its server once it is kept here."""

    SEEN = "seen"
    MOVE = "move"
    DELETE = "delete"
    LEAVE = "leave"


class MailState(StrEnum):
    """`received` until it is read and decided about; all others are outcomes, of which a person may change some."""

    RECEIVED = "received"
    OPENED = "opened"
    JOINED = "joined"
    HELD = "held"
    SPAM = "spam"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    FAILED = "failed"
    DELETED = "deleted"


class HeldFor(StrEnum):
    UNAUTHENTICATED = "unauthenticated"
    STAFF_UNPROVEN = "staff_unproven"
    FLOOD = "flood"
    SUSPENDED = "suspended"


class Verdict(StrEnum):
    """Whether a mail is from whom it says it is: proven, disproven, or nobody can tell."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NONE = "none"


class Source(StrEnum):
    """By which way a mail has come in."""

    IMAP = "imap"
    SENDGRID = "sendgrid"
    MAILGUN = "mailgun"


class KnownAs(StrEnum):
    """Why a Message-ID names a ticket: we sent it, a relay gave it to what we sent, it is the ticket's anchor, or it
    is of a mail that came in."""

    SENT = "sent"
    RELAYED = "relayed"
    ANCHOR = "anchor"
    RECEIVED = "received"
