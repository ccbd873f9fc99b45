"""Message-IDs: as they are compared and sent, and those that relays give to what we have sent."""

import re

LONGEST = 250
"""Longer ones are nobody's: a line of a header has at most 998 characters (RFC 5322 2.1.1), and is to hold several."""

_ID = re.compile(rf"<?([!-;=?-~]{{1,{LONGEST}}}@[!-;=?-~]{{1,{LONGEST}}})>?")
_NAMED = re.compile(r"<([!-;=?-~]{16,200}@[!-;=?-~]{1,200})>")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_AMAZON_HOST = re.compile(r"email-smtp(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com")
_AMAZON_ANSWER = re.compile(r"\s*Ok ([0-9a-f-]{40,100})\s*", re.IGNORECASE)
_AMAZONS_FIRST_REGION = "us-east-1"


def as_sent(message_id: str | None) -> str | None:
    """A Message-ID in angle brackets (RFC 5322 3.6.4), as every table holds it; None for what is none, or too long, or
    has characters that a header may not have."""
    found = _ID.fullmatch(message_id.strip()) if message_id else None
    return f"<{found[1]}>" if found and len(found[1]) <= LONGEST else None


def relayed_as(answer: str, host: str) -> str | None:
    """The Message-ID that the relay at `host` has given to a message, as it says when it takes it; None when it says
    none, or one that could be guessed.

    Most write it out, as `queued as <id@host>`. Amazon SES and Postmark say only its first part, to which they add a
    domain that depends on the host.
    """
    if named := _NAMED.search(answer):
        return f"<{named[1]}>"
    if (amazon := _AMAZON_HOST.fullmatch(host)) and (said := _AMAZON_ANSWER.fullmatch(answer)):
        region = "email" if amazon[1] == _AMAZONS_FIRST_REGION else amazon[1]
        return f"<{said[1]}@{region}.amazonses.com>"
    if host.endswith(".postmarkapp.com") and (said := _UUID.search(answer)):
        return f"<{said[0]}@mtasv.net>"
    return None
