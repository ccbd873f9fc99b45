"""Asks a provider's token server for access tokens (OAuth2, RFC 6749)."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

import httpx2

from activities.hosts import HostRefused
from activities.mail.mailbox_errors import MailboxError, hosts_in_codes
from activities.posting import posted
from domain.mail.oauth import OAuth2

PATIENCE_SECONDS = 15.0
MOST_BYTES = 64 * 1024


async def renewed(login: OAuth2, *, private: bool) -> OAuth2:
    """The login with a new access token. `private` lets the token server be on this machine or a private network, and
    without TLS.

    Raises MailboxError: `token_refused` when it gives none for what it was shown, `token_failed` when it does not
    answer, or not as it must; `host_unknown` and `host_refused`.
    """
    try:
        with hosts_in_codes():
            async with asyncio.timeout(PATIENCE_SECONDS):
                return login.answered(await _ask(login, private=private), datetime.now(UTC))
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError, RecursionError):
        raise MailboxError("token_failed") from None


async def _ask(login: OAuth2, *, private: bool) -> dict[str, object]:
    if urlsplit(login.token_url).scheme != "https" and not private:
        raise HostRefused
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    async with posted(login.token_url, urlencode(login.form()), headers, private=private) as answer:
        if 400 <= answer.status_code < 500:
            raise MailboxError("token_refused")
        if answer.status_code != 200:
            raise MailboxError("token_failed")
        body = b""
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > MOST_BYTES:
                raise MailboxError("token_failed")
    return _object(httpx2.Response(200, content=body).json())


def _object(answer: object) -> dict[str, object]:
    if not isinstance(answer, dict):
        raise ValueError("not an object")
    return answer
