from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from pydantic import SecretStr
from sqlmodel import col

from domain.people.permissions import TENANT_ROLES
from models.database import Database
from models.people import Role, RolePermission
from ops.embedded.postgres import running
from ops.migrate import alembic_config, expected_revisions, migrate, revisions_of, upgrade
from ops.trouble import Trouble
from runtime.settings import Settings
from stores.tenants import tenant_ids
from tests.stack.databases import Copies

BEFORE_CALLBACKS = "0012-1"


def test_an_empty_database_is_brought_up_to_date_and_then_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path) as postgres:
        configured = Settings(migration_database_url=SecretStr(postgres.owner_url))
        monkeypatch.setattr("ops.migrate.settings", lambda: configured)
        assert revisions_of(postgres.owner_url) == set()
        migrate()
        assert revisions_of(postgres.owner_url) == expected_revisions() != set()
        monkeypatch.setattr("ops.migrate.upgrade", lambda _: pytest.fail("there was nothing to do"))
        migrate()


async def test_tenants_of_before_have_what_their_roles_may_do_now(copies: Copies) -> None:
    seeded = await copies.seeded("of_before")
    command.downgrade(alembic_config(seeded.owner_url), BEFORE_CALLBACKS)
    upgrade(seeded.owner_url)
    database = Database(seeded.app_url, pool_size=1)
    async with database.transaction() as session:
        tenant_id = (await tenant_ids(session))[0]
    async with database.transaction(tenant_id) as session:
        held = (
            await session.execute(
                sa.select(col(Role.key), col(RolePermission.permission)).join(
                    RolePermission, col(RolePermission.role_id) == col(Role.id)
                )
            )
        ).all()
    await database.close()
    assert {(role, permission) for role, permission in held} == {
        (role, permission.value) for role, permissions in TENANT_ROLES.items() for permission in permissions
    }


def test_without_a_database_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ops.migrate.settings", lambda: Settings.model_construct(database_url=None, migration_database_url=None)
    )
    with pytest.raises(Trouble, match="DATABASE_URL"):
        migrate()
