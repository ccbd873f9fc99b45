"""Checks a mail's signatures ourselves, for mailboxes whose server does not tell what it has found."""

import asyncio
from typing import Protocol

import dns.asyncresolver
import dns.exception
import dns.resolver
from dns.rdatatype import TXT

from activities.mail.readers import Readers
from domain.mail.reading.content import Unreadable
from domain.mail.signatures import signatures_of
from domain.mail.verdict import DkimResult

_QUERY_SECONDS = 4.0
_REMEMBERED_ANSWERS = 1_000
_HEADER_BYTES = 256 * 1024


class DnsAway(Exception):
    """No name server has answered, so nobody knows which key there is."""


class Records(Protocol):
    async def txt(self, name: str) -> str | None:
        """The TXT record of a name, None where there is none. Raises DnsAway."""


class SystemDns:
    """The name servers that this machine asks, or those of `resolver`; their answers are remembered for as long as they
    hold."""

    def __init__(self, resolver: dns.asyncresolver.Resolver | None = None, *, seconds: float = _QUERY_SECONDS) -> None:
        self._seconds = seconds
        self._resolver = resolver

    async def txt(self, name: str) -> str | None:
        try:
            if self._resolver is None:
                self._resolver = dns.asyncresolver.Resolver()
                self._resolver.cache = dns.resolver.LRUCache(_REMEMBERED_ANSWERS)
            found = await self._resolver.resolve(f"{name}.", TXT, lifetime=self._seconds, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
            return None
        except (dns.exception.DNSException, OSError):
            raise DnsAway from None
        for record in found:
            return b"".join(record.strings).decode("ascii", "replace")
        return None


class DkimChecks:
    """`readers` check what the sender has written, `records` say by which keys."""

    def __init__(self, readers: Readers, records: Records | None = None) -> None:
        self._readers = readers
        self._records = records or SystemDns()

    async def check(self, raw: bytes) -> DkimResult:
        """Which signatures made for the sender's domain are valid. Never fails: what cannot be found out is not
        proven."""
        names = {signature.key_name for signature in signatures_of(raw[:_HEADER_BYTES])}
        if not names:
            return DkimResult(because="unsigned")
        answers = await asyncio.gather(*(self._records.txt(name) for name in names), return_exceptions=True)
        keys = {name: answer for name, answer in zip(names, answers, strict=True) if isinstance(answer, str)}
        if not keys:
            away = any(isinstance(answer, DnsAway) for answer in answers)
            return DkimResult(because="dns_away" if away else "no_key")
        try:
            domains = await self._readers.signers(raw, keys)
        except Unreadable as unreadable:
            return DkimResult(because=unreadable.code)
        return DkimResult(domains, "" if domains else "invalid")
