"""A tenant of its own, its people as HTTP clients over ASGI, and the folder that its files lie in."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import sqlalchemy as sa
from pydantic import SecretStr
from sqlmodel import col
from temporalio.testing import ActivityEnvironment
from uuid_utils.compat import uuid4, uuid7

from activities.files.sweep import FileActivities
from api.app import create_app
from api.identity.hashes import hash_now
from api.identity.tenants import make_tenant
from domain.customers.states import CustomerKind, CustomerStatus
from models.database import Database
from models.files import StoredFile
from models.people import Account, Customer, Membership, MembershipRole
from models.tenants import Tenant
from ops.embedded.secrets import load_or_create
from runtime.settings import Settings
from stores.files.scanner import VirusScanner
from stores.files.storage import FileStorage

PASSWORD = "Casewright-demo-2026!"
_PASSWORD_HASH = hash_now(PASSWORD)
# Logins are limited by address.
_ADDRESSES = count(1)

AT_ONCE = {"unfinished_after": timedelta(0), "unused_after": timedelta(0)}
"""For a sweep that waits for nothing."""


class Office:
    """`folder` holds the bytes; `storage`, `scanner` and `database` are what the app has. No Temporal answers it: its
    commands stay pending."""

    def __init__(self, database: Database, home: Path, **settings: Any) -> None:
        self.database = database
        # Takes connections and never answers.
        self._silence = socket.create_server(("127.0.0.1", 0))
        self.folder = home / "files"
        home.mkdir(exist_ok=True)
        secrets = load_or_create(home)
        self.settings = Settings(
            home=home,
            database_url=SecretStr(database.engine.url.render_as_string(hide_password=False)),
            database_pool_size=8,
            jwt_private_key=SecretStr(secrets.jwt_private_key),
            temporal_address=f"127.0.0.1:{self._silence.getsockname()[1]}",
            command_wait_seconds=0.05,
            **settings,
        )
        self.storage = FileStorage.at(None, home)
        self.scanner = VirusScanner(self.settings.clamd_address)
        self.app = create_app(self.settings)
        self.tenant_id = uuid7()
        self._roles: dict[str, UUID] = {}
        self._people: dict[tuple[str, str], httpx2.AsyncClient] = {}

    async def open(self) -> None:
        """Makes the tenant and its roles."""
        slug = f"office-{self.tenant_id.hex}"
        async with self.database.transaction(self.tenant_id) as session:
            tenant = Tenant(
                id=self.tenant_id, slug=slug, name=slug, locale="en", timezone="Europe/Paris", currency="EUR"
            )
            self._roles = await make_tenant(session, tenant)

    async def person(self, role: str, name: str = "") -> httpx2.AsyncClient:
        """The person of this role and name, logged in; a client speaks for a customer of its own."""
        if (role, name) not in self._people:
            email = f"{role}{name}-{self.tenant_id.hex}@office.example"
            await self._hire(role, email)
            answer = await self.client().post("auth/login", json={"email": email, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            self._people[role, name] = self.client({"Authorization": f"Bearer {answer.json()['access_token']}"})
        return self._people[role, name]

    async def _hire(self, role: str, email: str) -> None:
        account = Account(
            email=email, full_name="Somebody", password_hash=_PASSWORD_HASH, email_verified_at=datetime.now(UTC)
        )
        async with self.database.transaction(self.tenant_id, login_email=email) as session:
            session.add(account)
            await session.flush()
            customer_id = None
            if role == "client":
                customer = Customer(
                    tenant_id=self.tenant_id, kind=CustomerKind.INDIVIDUAL, name="C", status=CustomerStatus.ACTIVE
                )
                session.add(customer)
                await session.flush()
                customer_id = customer.id
            membership = Membership(tenant_id=self.tenant_id, account_id=account.id, customer_id=customer_id)
            session.add(membership)
            await session.flush()
            role_id = self._roles[role]
            session.add(MembershipRole(tenant_id=self.tenant_id, membership_id=membership.id, role_id=role_id))

    def client(self, headers: dict[str, str] | None = None) -> httpx2.AsyncClient:
        """A client of the app, each at an address of its own; nobody without headers."""
        address = str(IPv4Address(0x0A_00_00_00 + next(_ADDRESSES)))
        transport = httpx2.ASGITransport(self.app, client=(address, 50_000))
        return httpx2.AsyncClient(transport=transport, base_url="http://test/api/v1/", headers=headers or {})

    async def sweep(self, **after: Any) -> int:
        """Runs the sweep of this office's database and folder."""
        files = FileActivities(self.database, self.storage, self.scanner, **after)
        return int(await ActivityEnvironment().run(files.sweep))

    def close(self) -> None:
        """Ends what was listened to."""
        self._silence.close()

    async def rows(self) -> list[StoredFile]:
        """What the database knows of the tenant's files."""
        async with self.database.transaction(self.tenant_id) as session:
            return list(await session.scalars(sa.select(StoredFile).order_by(col(StoredFile.created_at))))

    def bytes_on_disk(self) -> list[Path]:
        """Every file below the folder, also what a write that was cut off has left there."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


@asynccontextmanager
async def open_office(database: Database, home: Path, **settings: Any) -> AsyncIterator[Office]:
    """A new office with a tenant of its own."""
    office = Office(database, home, **settings)
    await office.open()
    async with office.app.router.lifespan_context(office.app):
        yield office
    office.close()


async def send(person: httpx2.AsyncClient, content: bytes, name: str = "a.txt", **headers: str) -> httpx2.Response:
    """Uploads bytes under a name."""
    return await person.post("files", files={"file": (name, content)}, headers=headers)


def opening(*file_ids: str) -> dict[str, object]:
    """A new ticket with these files."""
    return {"subject": "s", "body": "b", "file_ids": list(file_ids)}


async def a_row(office: Office, person: httpx2.AsyncClient, like: str) -> StoredFile:
    """The row of an upload that has begun, by the uploader of another file."""
    uploader_id = next(row.uploader_id for row in await office.rows() if str(row.id) == like)
    row = StoredFile(
        id=uuid4(),
        tenant_id=office.tenant_id,
        uploader_id=uploader_id,
        key=f"{office.tenant_id}/{uuid4().hex}",
        name="a",
    )
    async with office.database.transaction(office.tenant_id) as session:
        session.add(row)
    return row
