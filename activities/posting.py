"""Posts to a URL that a tenant has named: to the address that was looked at, and to no other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from ssl import SSLContext
from urllib.parse import urlsplit

import httpx2

from activities.hosts import address_of

_PORTS = {"https": 443, "http": 80}


@asynccontextmanager
async def posted(url: str, body: str, headers: dict[str, str], *, private: bool) -> AsyncIterator[httpx2.Response]:
    """Posts the body; of the answer only the head is read yet. Redirects are not followed, and how long it may take is
    the caller's to say. `private` lets this machine and its networks be gone to.

    Raises HostUnknown, HostRefused, and httpx2's HTTPError and InvalidURL.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    address = await address_of(host, parts.port or _PORTS.get(parts.scheme, 443), private=private)
    # A name could be given another address in between.
    target = httpx2.URL(url).copy_with(host=address)
    named = headers | {"host": parts.netloc.rpartition("@")[2]}
    async with (
        httpx2.AsyncClient(verify=_trusted(), timeout=None, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", target, content=body, headers=named, extensions={"sni_hostname": host}) as answer,
    ):
        yield answer


@cache
def _trusted() -> SSLContext:
    """Whom we believe to be who they say; read once, because that takes longer than the post does."""
    return httpx2.create_ssl_context(trust_env=False)
