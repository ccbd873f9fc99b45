"""Our own check of a mail's signatures: by keys that a name server has, or has not, or that it does not tell."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import dkim
import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from activities.mail.dkim import DkimChecks, DnsAway, SystemDns
from activities.mail.readers import Readers
from domain.mail.verdict import DkimResult
from tests.domain.mail.reading.letters import plain

NAME = "s1._domainkey.example.com"
MAIL = plain("Where is my order?\n\n> quoted")
KEY = rsa.generate_private_key(65537, 2048)
SHORT_KEY = rsa.generate_private_key(65537, 1024)


def record(key: rsa.RSAPrivateKey, more: str = "") -> str:
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa;{more} p={base64.b64encode(der).decode()}"


def signed(raw: bytes = MAIL, *, key: rsa.RSAPrivateKey = KEY, domain: bytes = b"example.com", **how: object) -> bytes:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return dkim.sign(raw, b"s1", domain, pem, include_headers=[b"from", b"subject"], **how) + raw  # type: ignore[no-any-return]


class Records:
    def __init__(self, **records: str) -> None:
        self.answers: dict[str, str | Exception] = {NAME: record(KEY), **records}
        self.asked: list[str] = []

    async def txt(self, name: str) -> str | None:
        self.asked.append(name)
        answer = self.answers.get(name)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(scope="module")
async def readers() -> AsyncIterator[Readers]:
    readers = Readers(1)
    yield readers
    await readers.close()


async def checked(readers: Readers, raw: bytes, records: Records | None = None) -> DkimResult:
    return await DkimChecks(readers, records or Records()).check(raw)


async def test_a_valid_signature_names_its_domain(readers: Readers) -> None:
    assert await checked(readers, signed()) == DkimResult(("example.com",))
    assert await checked(readers, signed(canonicalize=(b"simple", b"simple"))) == DkimResult(("example.com",))


async def test_of_several_one_is_enough(readers: Readers) -> None:
    twice = signed(signed(), domain=b"mail.example.com")
    assert (await checked(readers, twice)).domains == ("example.com",)


@pytest.mark.parametrize(
    ("change", "because"),
    [
        (lambda raw: raw.replace(b"order", b"money"), "invalid"),
        (lambda raw: raw.replace(b"Subject: Question", b"Subject: Answer"), "invalid"),
        (lambda raw: raw.replace(b"From: Ada", b"From: Eva"), "invalid"),
        (lambda raw: b"From: Eve <eve@example.com>\r\n" + raw, "unsigned"),
        (lambda raw: raw.replace(b"ada@example.com", b"ada@elsewhere.example"), "unsigned"),
        (lambda raw: raw.replace(b" b=", b" b=QUFB"), "invalid"),
        (lambda raw: raw.replace(b"s=s1", b"s=s9"), "no_key"),
        (lambda raw: raw.replace(b"rsa-sha256", b"rsa-sha1"), "unsigned"),
        (lambda raw: raw.replace(b"; d=", b"; d=@@@"), "unsigned"),
        (lambda raw: raw.replace(b"c=relaxed/simple", b"c=odd/odd"), "invalid"),
    ],
)
async def test_a_changed_mail_proves_nothing(readers: Readers, change: Callable[[bytes], bytes], because: str) -> None:
    changed = change(signed())
    assert changed != signed()
    assert await checked(readers, changed) == DkimResult(because=because)


async def test_a_signature_of_the_beginning_proves_nothing(readers: Readers) -> None:
    """Below what it covers anybody may have written."""
    assert await checked(readers, signed(length=True) + b"Send money.") == DkimResult(because="unsigned")


async def test_a_mail_without_signatures_asks_nobody(readers: Readers) -> None:
    records = Records()
    assert await checked(readers, MAIL, records) == DkimResult(because="unsigned")
    assert await checked(readers, signed(domain=b"elsewhere.example"), records) == DkimResult(because="unsigned")
    assert records.asked == []


@pytest.mark.parametrize(
    "key",
    [
        record(KEY, " t=y;"),
        "v=DKIM1; p=",
        "v=DKIM1; k=rsa; p=AAAA",
        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "v=spf1 -all",
        record(SHORT_KEY),
        record(rsa.generate_private_key(65537, 4608)),
    ],
)
async def test_a_key_that_is_none_proves_nothing(readers: Readers, key: str) -> None:
    """It is tried out, taken back, of another kind, another's, or made to keep us busy."""
    assert await checked(readers, signed(), Records(**{NAME: key})) == DkimResult(because="invalid")


async def test_nobody_knows_while_the_dns_is_away(readers: Readers) -> None:
    records = Records()
    records.answers[NAME] = DnsAway()
    assert await checked(readers, signed(), records) == DkimResult(because="dns_away")


async def test_garbage_proves_nothing(readers: Readers) -> None:
    for raw in (
        b"",
        b"\x00" * 1_000,
        b"DKIM-Signature: " + b";" * 10_000,
        b"From: a@b.example\nDKIM-Signature: a\n\nx",
    ):
        assert await checked(readers, raw) == DkimResult(because="unsigned")


async def test_a_mail_that_never_ends_to_be_checked_is_given_up() -> None:
    readers = Readers(1, within_seconds=1.0)
    try:
        hanging = signed(canonicalize=(b"relaxed", b"relaxed")) + b" " * 5_000_000 + b"x"
        assert await checked(readers, hanging) == DkimResult(because="too_slow")
    finally:
        await readers.close()


@asynccontextmanager
async def name_server(answers: dict[str, list[str]], *, speaks: bool = True) -> AsyncIterator[SystemDns]:
    """Records as they are asked for by who uses a name server of these."""

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            query = dns.message.from_wire(data)
            response = dns.message.make_response(query)
            name = query.question[0].name
            if strings := answers.get(name.to_text(omit_final_dot=True)):
                response.answer.append(
                    dns.rrset.from_text(name, 60, "IN", "TXT", " ".join(f'"{one}"' for one in strings))
                )
            else:
                response.set_rcode(dns.rcode.NXDOMAIN)
            if speaks:
                self.transport.sendto(response.to_wire(), addr)  # type: ignore[attr-defined]

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = transport.get_extra_info("sockname")[1]
    try:
        yield SystemDns(resolver, seconds=0.5)
    finally:
        transport.close()


async def test_keys_come_from_the_dns(readers: Readers) -> None:
    key = record(KEY)
    async with name_server({NAME: [key[:200], key[200:]]}) as records:
        assert await DkimChecks(readers, records).check(signed()) == DkimResult(("example.com",))
        assert await records.txt("nobody.example.com") is None


async def test_a_name_server_that_says_nothing_is_away(readers: Readers) -> None:
    async with name_server({}, speaks=False) as records:
        assert await DkimChecks(readers, records).check(signed()) == DkimResult(because="dns_away")
