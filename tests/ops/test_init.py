import asyncio

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from typer.testing import CliRunner

from api.identity.schemas.users import TenantBody
from domain.people.accounts import PlatformRole
from models.cases import DeliveryRow
from models.database import Database, look_as
from models.people import Account
from models.tenants import Tenant
from ops.init import make_first_tenant
from ops.main import app
from ops.trouble import Trouble
from runtime.settings import Settings
from stores.tenants import tenant_ids
from tests.stack.databases import Copies

ROOT = TenantBody(slug="acme", name="Acme", timezone="Africa/Algiers", currency="DZD", admin_email="ada@acme.example")


async def test_an_empty_installation_gets_one_tenant_and_its_keeper(copies: Copies) -> None:
    database = Database(copies.migrated("without_tenants").app_url, pool_size=4)
    outcomes = await asyncio.gather(*(make_first_tenant(database, ROOT) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] == [Trouble, Trouble]
    async with database.transaction(login_email="ada@acme.example") as session:
        [tenant_id] = await tenant_ids(session)
        await look_as(session, tenant_id=tenant_id)
        tenant = await session.get_one(Tenant, tenant_id)
        keeper = (await session.scalars(sa.select(Account))).one()
    assert (tenant.slug, keeper.platform_role, keeper.password_hash) == ("acme", PlatformRole.SUPERADMIN, None)
    async with database.transaction(tenant.id) as session:
        mails = (await session.scalars(sa.select(DeliveryRow))).all()
    assert [(mail.template, mail.recipient_id) for mail in mails] == [("invitation", keeper.id)]
    await database.close()


def test_what_cannot_be_is_said_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    configured = Settings(database_url=SecretStr("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    monkeypatch.setattr("ops.init.settings", lambda: configured)
    monkeypatch.setattr("ops.main._settings", lambda: configured)
    wrong = ["init", "Not a slug", "nobody", "--timezone", "Mars/Base", "--currency", "dzd"]
    told = CliRunner().invoke(app, wrong)
    assert told.exit_code == 1
    assert all(field in told.output for field in ("slug", "timezone", "currency", "admin_email"))
