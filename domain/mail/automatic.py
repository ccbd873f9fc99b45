"""Which mails no person wrote: they are never answered by a machine, and move no ticket (RFC 3834, 2)."""

from collections.abc import Iterable
from enum import StrEnum

from domain.mail.reading.content import ReadMail


class Automatic(StrEnum):
    """The sign by which a mail was found to be automatic, the surest first."""

    REPORT = "report"
    AUTO_SUBMITTED = "auto_submitted"
    EMPTY_RETURN_PATH = "empty_return_path"
    LIST_ID = "list_id"
    PRECEDENCE = "precedence"
    AUTOREPLY = "autoreply"
    SUPPRESSES_ANSWERS = "suppresses_answers"
    MAILER_DAEMON = "mailer_daemon"
    NO_REPLY = "no_reply"
    BULK = "bulk"

    @property
    def to_many(self) -> bool:
        """Whether it was sent to many at once, by a list or in bulk, rather than by a machine that answers."""
        return self in (Automatic.LIST_ID, Automatic.BULK)


_ANSWERS_ITSELF = frozenset({"junk", "auto_reply", "auto-reply"})
_TO_MANY = frozenset({"bulk", "list"})
_DAEMONS = frozenset({"mailer-daemon", "postmaster"})
_NO_REPLY = ("no-reply", "noreply", "no_reply", "donotreply", "do-not-reply", "do_not_reply", "ne-pas-repondre")


def automatic(mail: ReadMail) -> Automatic | None:
    """Why a mail is automatic, None where a person may have written it."""
    headers = _Headers(mail.headers)
    if mail.reports or headers.first("content-type").startswith("multipart/report"):
        return Automatic.REPORT
    if headers.first("auto-submitted").partition(";")[0].strip() not in ("", "no"):
        return Automatic.AUTO_SUBMITTED
    if mail.return_path == "":
        return Automatic.EMPTY_RETURN_PATH
    if headers.has("list-id"):
        return Automatic.LIST_ID
    precedence = set(headers.all("precedence"))
    if precedence & _ANSWERS_ITSELF:
        return Automatic.PRECEDENCE
    if any(headers.first(name) not in ("", "no") for name in ("x-autoreply", "x-autorespond", "x-auto-reply")):
        return Automatic.AUTOREPLY
    if headers.first("x-auto-response-suppress") not in ("", "none"):
        return Automatic.SUPPRESSES_ANSWERS
    if precedence & _TO_MANY:
        return Automatic.BULK
    return _by_sender(mail.sender.address if mail.sender else "")


def _by_sender(address: str) -> Automatic | None:
    local = address.partition("@")[0].partition("+")[0]
    if local in _DAEMONS:
        return Automatic.MAILER_DAEMON
    return Automatic.NO_REPLY if local.startswith(_NO_REPLY) else None


class _Headers:
    """Values by name, both in lower case."""

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in headers:
            self._values.setdefault(name.lower(), []).append(value.strip().lower())

    def has(self, name: str) -> bool:
        return bool(self._values.get(name))

    def first(self, name: str) -> str:
        return self.all(name)[0] if self.has(name) else ""

    def all(self, name: str) -> list[str]:
        return self._values.get(name, [])
