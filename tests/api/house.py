"""A platform with people in it, used over HTTP: the real app on a real database.

Its mail arrives at a real SMTP server, sent by the delivery activities; the test plays the workflow that starts them.
"""

import itertools
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import EmailMessage
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import sqlalchemy as sa
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio.testing import ActivityEnvironment
from uuid_utils.compat import uuid7

from activities.mail.accounts import AccountMailActivities
from activities.mail.deliveries import DeliveryActivities
from activities.mail.letters import Letters
from activities.mail.smtp import Mailer
from activities.mail.templates import MailTemplates
from api.http.services import Services
from api.identity.hashes import hash_now
from api.identity.tenants import make_first_superadmin, make_tenant
from api.identity.tokens import Tokens
from api.registry import KINDS
from domain.cases import StepRef
from domain.mail.reply_addresses import ReplyAddresses, reply_key
from models.database import Database
from models.people import Role
from models.tenants import Tenant
from ops.embedded.ports import free_port
from ops.embedded.secrets import load_or_create
from runtime.settings import Settings
from stores.accounts import add_member, find_or_make_account
from stores.files.storage import FileStorage
from stores.signed_tokens import SignedTokens
from tests.stack.mails import text_of
from tests.workflows.mail import Postbox

PASSWORD = "Right-of-way-2026"
TOKEN = re.compile(r"\?token=(eyJ[\w.-]+)")

_addresses = itertools.count(1)
_people = itertools.count(1)
_superadmins: dict[str, str] = {}
"""Their addresses, by the database."""


@dataclass
class Person:
    """Somebody with an account, on a device of their own."""

    house: "House"
    email: str
    http: httpx2.AsyncClient
    tokens: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.me["user"]["id"])

    @property
    def customer_id(self) -> str:
        return str(self.me["customer"]["id"])

    me: dict[str, Any]


class House:
    def __init__(self, app: FastAPI, database: Database, postbox: Postbox, smtp_url: str, key: str, home: Path) -> None:
        self.database = database
        self.postbox = postbox
        self.tokens = Tokens(key)
        self.signed = SignedTokens(key)
        self._app = app
        mailer = Mailer(smtp_url, "a@casewright.example")
        letters = Letters(
            database,
            mailer,
            MailTemplates(),
            "http://here",
            self.signed,
            ReplyAddresses(reply_key(key)),
            FileStorage.at(None, home),
            {kind: entry.shown_at for kind, entry in KINDS.items()},
        )
        self._deliveries = DeliveryActivities(database, mailer, letters)
        self._superadmin: Person | None = None

    @property
    def services(self) -> Services:
        """What the app's routes stand on."""
        found: Services = self._app.state.services
        return found

    @contextmanager
    def standing_on(self, **others: Any) -> Iterator[None]:
        """Has the app's routes stand on others of these during the block."""
        usual = self.services
        self._app.state.services = replace(usual, **others)
        try:
            yield
        finally:
            self._app.state.services = usual

    def visitor(self, address: str | None = None) -> httpx2.AsyncClient:
        """Somebody who has not logged in, at an address that nobody else has."""
        number = next(_addresses)
        address = address or f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self._app),
            base_url="http://test/api/v1",
            headers={"X-Forwarded-For": address, "User-Agent": "a test"},
        )

    async def log_in(self, email: str, password: str = PASSWORD, tenant: str | None = None) -> Person:
        http = self.visitor()
        body = {"email": email, "password": password} | ({"tenant": tenant} if tenant else {})
        answer = await http.post("/auth/login", json=body)
        assert answer.status_code == 200, answer.text
        http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        me = await http.get("/me")
        assert me.status_code == 200, me.text
        return Person(self, email, http, answer.json(), me.json())

    async def superadmin(self) -> Person:
        """The superadmin, made in the database because the API cannot make one: one for all houses on it."""
        known = _superadmins.get(str(self.database.engine.url))
        if self._superadmin is None and known:
            self._superadmin = await self.log_in(known)
        if self._superadmin is None:
            email = self.new_email("root")
            tenant = Tenant(
                id=uuid7(), slug=f"platform-{next(_people)}", name="P", locale="en", timezone="UTC", currency="EUR"
            )
            async with self.database.transaction(tenant.id) as session:
                await make_tenant(session, tenant)
                account_id = await _account(session, email, "Root")
                assert await make_first_superadmin(session, account_id)
                await add_member(session, tenant.id, account_id, [])
            _superadmins[str(self.database.engine.url)] = email
            self._superadmin = await self.log_in(email)
        return self._superadmin

    def new_email(self, who: str = "somebody") -> str:
        return f"{who}{next(_people)}@people.example"

    async def tenant(self, **given: str) -> "Company":
        """A new tenant with its administrator; `given` is what it is called and speaks, where that matters. Made in the
        database, as its members are."""
        slug = f"company-{next(_people)}"
        email = self.new_email("admin")
        named = {"name": f"The {slug}", "locale": "en", "timezone": "Africa/Algiers", "currency": "DZD"} | given
        tenant = Tenant(id=uuid7(), slug=slug, **named)
        async with self.database.transaction(tenant.id) as session:
            roles = await make_tenant(session, tenant)
            await add_member(session, tenant.id, await _account(session, email, "Ada Admin"), [roles["admin"]])
        return Company(self, slug, await self.log_in(email))

    async def accept(self, email: str, password: str = PASSWORD) -> None:
        """Sets the password that an invitation asks for."""
        answer = await self.visitor().post(
            "/auth/password/reset", json={"token": await self.token_for(email), "password": password}
        )
        assert answer.status_code == 204, answer.text

    async def deliver(self) -> None:
        """Sends all account mail that waits."""
        environment = ActivityEnvironment()

        async def deliver(step: StepRef) -> bool:
            await self.send(step)
            return True

        # Rows of this moment too, as if they had been left behind.
        sweep = AccountMailActivities(self.database, deliver, after=timedelta(seconds=-5))
        await environment.run(sweep.sweep)

    async def send(self, step: StepRef) -> int:
        """Sends the messages of one step, as its workflow would."""
        sent: int = await ActivityEnvironment().run(self._deliveries.send_step, step)
        return sent

    async def mails_to(self, email: str) -> list[EmailMessage]:
        """What somebody has got so far, oldest first."""
        await self.deliver()
        return [mail for mail in self.postbox.mails if mail["To"] == email]

    async def token_for(self, email: str) -> str:
        """The token of the newest mail to somebody."""
        mail = (await self.mails_to(email))[-1]
        found = TOKEN.search(text_of(mail))
        assert found, text_of(mail)
        return found[1]


@asynccontextmanager
async def opened(database: Database, home: Path, create_app: Callable[[Settings], FastAPI]) -> AsyncIterator[House]:
    """The app as it is made for a database, started without Temporal, with a mail server of its own."""
    key = load_or_create(home).jwt_private_key
    postbox = Postbox()
    smtp_url = postbox.start()
    settings = Settings(
        home=home,
        database_url=SecretStr(database.engine.url.render_as_string(hide_password=False)),
        database_pool_size=8,
        jwt_private_key=SecretStr(key),
        secret_keys=SecretStr(load_or_create(home).secret_key),
        temporal_address=f"127.0.0.1:{free_port()}",
        # The transport's own address: each visitor says another one behind it.
        trusted_proxies=(ip_network("127.0.0.1/32"),),
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield House(app, database, postbox, smtp_url, key, home)
    postbox.stop()


@dataclass
class Company:
    """A tenant."""

    house: House
    slug: str
    admin: Person

    async def member(self, *roles: str, customer_id: str | None = None) -> Person:
        """A new member, who has logged in. Made in the database: by invitation it takes three times as long."""
        email = self.house.new_email(roles[0])
        tenant_id = UUID(self.admin.me["tenant"]["id"])
        async with self.house.database.transaction(tenant_id) as session:
            account_id = await _account(session, email, f"A {roles[0]}")
            theirs = (await session.scalars(sa.select(col(Role.id)).where(col(Role.key).in_(roles)))).all()
            assert len(theirs) == len(roles), roles
            await add_member(session, tenant_id, account_id, theirs, customer_id and UUID(customer_id))
        return await self.house.log_in(email, tenant=self.slug)

    async def register(self, email: str | None = None, *, verified: bool = True) -> Person:
        """Somebody who has registered as a customer."""
        email = email or self.house.new_email("client")
        body = {"tenant": self.slug, "email": email, "password": PASSWORD, "full_name": "Carl Client"}
        answer = await self.house.visitor().post("/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        if verified:
            token = await self.house.token_for(email)
            answer = await self.house.visitor().post("/auth/verify-email", json={"token": token})
            assert answer.status_code == 200, answer.text
        return await self.house.log_in(email)

    async def customer(self, **fields: Any) -> dict[str, Any]:
        """A new customer."""
        body = {"type": "individual", "name": "Somebody"} | fields
        answer = await self.admin.http.post("/customers", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def approve_kyc(self, customer_id: str) -> None:
        """Plays the identity check, which is a part of its own."""
        from models.people import Customer

        tenant_id = self.admin.me["tenant"]["id"]
        async with self.house.database.transaction(tenant_id) as session:
            await session.execute(
                sa.update(Customer).where(col(Customer.id) == customer_id).values(kyc_status="approved")
            )


async def _account(session: AsyncSession, email: str, full_name: str) -> UUID:
    account = await find_or_make_account(session, email, full_name)
    account.password_hash = hash_now(PASSWORD)
    account.email_verified_at = sa.func.now()
    await session.flush()
    return account.id


def code_of(answer: httpx2.Response) -> str:
    """The stable code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["code"])


def codes_of(answer: httpx2.Response) -> set[str]:
    """The codes of all its fields."""
    return {error["code"] for error in answer.json()["errors"]}
