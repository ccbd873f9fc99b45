"""What a provider has brought: a mail, and what the provider found out when it took it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.mail.inbound.composing import TakenApart, header_lines
from api.mail.inbound.forms import Field

_ADDRESS = re.compile(r"[!-;=?-~\u0080-\U0010ffff]{1,320}")
_WORD = re.compile(r"[a-z]{1,20}")
_DOMAIN = re.compile(r"[a-z0-9.-]{1,253}")


@dataclass(frozen=True)
class Brought:
    """`sender` and `recipients` are the envelope's; `spf` and `dkim`, by domain, results in the words of RFC 8601."""

    mail: Field | TakenApart
    sender: str | None = None
    recipients: Sequence[str] = ()
    spf: str | None = None
    dkim: Sequence[tuple[str, str]] = ()

    def written(self, authserv_id: str | None) -> Iterator[bytes]:
        """The mail, below the trace that its last server would have left (RFC 5321 4.4, RFC 8601). What was found out
        is told by the name under which the mailbox believes it, None where it believes nothing."""
        yield from header_lines(self._trace(authserv_id))
        yield from self.mail.chunks() if isinstance(self.mail, Field) else self.mail.written()

    def _trace(self, authserv_id: str | None) -> Iterator[tuple[str, str]]:
        if self.sender is not None and (not self.sender or _ADDRESS.fullmatch(self.sender)):
            yield "Return-Path", f"<{self.sender}>"
        for recipient in self.recipients:
            if _ADDRESS.fullmatch(recipient):
                yield "Delivered-To", recipient
        if authserv_id:
            # Also when nothing was found out: only the topmost counts, and anybody could have written one below.
            yield "Authentication-Results", "; ".join([authserv_id, *(self._results() or ["none"])])

    def _results(self) -> list[str]:
        results = [
            f"dkim={result} header.d={domain}"
            for domain, result in self.dkim
            if _WORD.fullmatch(result) and _DOMAIN.fullmatch(domain)
        ]
        domain = (self.sender or "").rpartition("@")[2].lower()
        if self.spf and _WORD.fullmatch(self.spf) and _DOMAIN.fullmatch(domain):
            results.append(f"spf={self.spf} smtp.mailfrom={domain}")
        return results
