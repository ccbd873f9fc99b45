"""How the connection to Temporal is made: encrypted, with a certificate or an API key, as Temporal Cloud wants it."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from temporalio.client import Client
from temporalio.service import TLSConfig

from runtime.client import connect
from runtime.settings import Settings


class Authority:
    """Issues certificates into a folder, each as `<name>.pem` and `<name>.key`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = generate_private_key(SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of the tests")])
        self.issue("ca", self._key)

    def issue(self, name: str, key: EllipticCurvePrivateKey | None = None) -> tuple[Path, Path]:
        """A certificate for `name` and this machine, and its key; the authority's own when its key is given."""
        own, key = key is not None, key or generate_private_key(SECP256R1())
        subject = self._name if own else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))])
        made = (
            x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(days=1))
            .not_valid_after(datetime.now(UTC) + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=own, path_length=None), critical=True)
            .add_extension(names, critical=False)
            .sign(self._key, SHA256())
        )
        certificate, secret = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        certificate.write_bytes(made.public_bytes(Encoding.PEM))
        secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return certificate, secret


async def test_a_certificate_is_shown_to_a_server_that_is_known(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.pem"))
    server_context.load_cert_chain(*authority.issue("temporal.internal"))
    server_context.verify_mode = ssl.CERT_REQUIRED
    server_context.set_alpn_protocols(["h2"])
    shown: asyncio.Queue[Any] = asyncio.Queue()

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shown.put_nowait(writer.get_extra_info("peercert"))
        writer.close()

    certificate, key = authority.issue("a-worker")
    async with await asyncio.start_server(greet, "127.0.0.1", 0, ssl=server_context) as server:
        settings = Settings(
            temporal_address=f"127.0.0.1:{server.sockets[0].getsockname()[1]}",
            temporal_tls_ca=tmp_path / "ca.pem",
            temporal_tls_cert=certificate,
            temporal_tls_key=key,
            temporal_tls_server_name="temporal.internal",
            _env_file=None,
        )
        connecting = asyncio.create_task(connect(settings))
        presented = await asyncio.wait_for(shown.get(), 20)
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
    assert presented["subject"] == ((("commonName", "a-worker"),),)


@pytest.mark.parametrize(
    ("given", "encrypted", "api_key"),
    [
        ({}, False, None),
        ({"temporal_tls": True}, True, None),
        ({"temporal_api_key": SecretStr("a-key")}, True, "a-key"),
    ],
)
async def test_a_key_is_never_shown_in_the_open(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], encrypted: bool, api_key: str | None
) -> None:
    asked: dict[str, Any] = {}

    async def noted(address: str, **options: Any) -> None:
        asked.update(options)

    monkeypatch.setattr(Client, "connect", noted)
    await connect(Settings(**given, temporal_address="region.cloud.api.temporal.io:7233", _env_file=None))
    assert isinstance(asked["tls"], TLSConfig) is encrypted
    assert asked["api_key"] == api_key
