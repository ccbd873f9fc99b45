"""A tenant of its own, its people as HTTP clients over ASGI, and the folder that its files lie in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import sqlalchemy as sa
from pydantic import SecretStr
from sqlmodel import col
from temporalio.testing import ActivityEnvironment
from uuid_utils.compat import uuid7

from activities.file_storage import FileStorage
from activities.files import FileActivities
from activities.virus_scanner import VirusScanner
from api.app import create_app
from api.client_address import Device
from api.sessions import begin_session
from api.tokens import Tokens
from domain.people import CustomerKind, CustomerStatus
from domain.permissions import TENANT_ROLES
from models.database import Database
from models.file import StoredFile
from models.people import Account, Customer, Membership, MembershipRole, Role, RolePermission
from models.tenant import Tenant
from ops.embedded.secrets import load_or_create
from workers.settings import Settings


class Office:
    """`folder` holds the bytes; `storage`, `scanner` and `database` are what the app has. No Temporal answers it: its
    commands stay pending."""

    def __init__(self, database: Database, home: Path, **settings: Any) -> None:
        self.database = database
        self.folder = home / "files"
        home.mkdir(exist_ok=True)
        secrets = load_or_create(home)
        self.settings = Settings(
            home=home,
            database_url=SecretStr(database.engine.url.render_as_string(hide_password=False)),
            database_pool_size=8,
            jwt_private_key=SecretStr(secrets.jwt_private_key),
            temporal_address="127.0.0.1:1",
            command_wait_seconds=0.05,
            **settings,
        )
        self.storage = FileStorage.at(None, home)
        self.scanner = VirusScanner(self.settings.clamd_address)
        self.tokens = Tokens(secrets.jwt_private_key)
        self.app = create_app(self.settings)
        self.tenant_id = uuid7()
        self._roles: dict[str, UUID] = {}

    async def open(self) -> None:
        """Makes the tenant and its roles."""
        slug = f"office-{self.tenant_id.hex}"
        async with self.database.transaction(self.tenant_id) as session:
            session.add(
                Tenant(id=self.tenant_id, slug=slug, name=slug, locale="en", timezone="Europe/Paris", currency="EUR")
            )
            await session.flush()
            for key in ("agent", "client"):
                role = Role(tenant_id=self.tenant_id, key=key, name=key)
                self._roles[key] = role.id
                session.add(role)
                await session.flush()
                session.add_all(
                    RolePermission(tenant_id=self.tenant_id, role_id=role.id, permission=permission)
                    for permission in TENANT_ROLES[key]
                )

    async def person(self, role: str) -> httpx2.AsyncClient:
        """Somebody new with this role; a client with a customer of its own."""
        email = f"{uuid7().hex}@office.example"
        account = Account(email=email, full_name="Somebody", password_hash="none", email_verified_at=sa.func.now())
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
            session.add(
                MembershipRole(tenant_id=self.tenant_id, membership_id=membership.id, role_id=self._roles[role])
            )
        async with self.database.transaction(account_id=account.id) as session:
            begun = await begin_session(session, self.tokens, account.id, self.tenant_id, Device("127.0.0.1", None))
        return self.client({"Authorization": f"Bearer {begun.access_token}"})

    def client(self, headers: dict[str, str] | None = None) -> httpx2.AsyncClient:
        """A client of the app; nobody without headers."""
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app), base_url="http://test/api/v1/", headers=headers or {}
        )

    async def sweep(self, **after: Any) -> int:
        """Runs the sweep of this office's database and folder."""
        files = FileActivities(self.database, self.storage, self.scanner, **after)
        return int(await ActivityEnvironment().run(files.sweep))

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


async def send(person: httpx2.AsyncClient, content: bytes, name: str = "a.txt", **headers: str) -> httpx2.Response:
    """Uploads bytes under a name."""
    return await person.post("files", files={"file": (name, content)}, headers=headers)
