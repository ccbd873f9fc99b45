"""Asks a provider's token server for access tokens (OAuth2, RFC 6749)."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx2

from activities.hosts import HostRefused, HostUnknown, address_of
from activities.mail.mailbox_errors import MailboxError
from domain.mail.oauth import OAuth2

PATIENCE_SECONDS = 15.0
MOST_BYTES = 64 * 1024

_PORTS = {"https": 443, "http": 80}


async def renewed(login: OAuth2, *, private: bool) -> OAuth2:
    """The login with a new access token. `private` lets the token server be on this machine or a private network, and
    without TLS.

    Raises MailboxError: `token_refused` when it gives none for what it was shown, `token_failed` when it does not
    answer, or not as it must; `host_unknown` and `host_refused`.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return login.answered(await _ask(login, private=private), datetime.now(UTC))
    except HostUnknown:
        raise MailboxError("host_unknown") from None
    except HostRefused:
        raise MailboxError("host_refused") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError):
        raise MailboxError("token_failed") from None


async def _ask(login: OAuth2, *, private: bool) -> dict[str, object]:
    parts = urlsplit(login.token_url)
    if parts.scheme != "https" and not private:
        raise HostRefused
    host = parts.hostname or ""
    address = await address_of(host, parts.port or _PORTS.get(parts.scheme, 443), private=private)
    target = httpx2.URL(login.token_url).copy_with(host=address)
    headers = {"host": parts.netloc.rpartition("@")[2], "accept": "application/json"}
    async with (
        httpx2.AsyncClient(timeout=None, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", target, data=login.form(), headers=headers, extensions={"sni_hostname": host}) as answer,
    ):
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
