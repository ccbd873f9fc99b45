import pytest
import sqlalchemy as sa
from alembic import command
from pydantic import SecretStr
from sqlmodel import col

from domain.people.permissions import TENANT_ROLES
from models.database import Database
from models.people import Role, RolePermission
from ops.embedded.postgres import Postgres
from ops.migrate import alembic_config, expected_revisions, migrate, require_leave, revisions_of, upgrade
from ops.trouble import Trouble
from runtime.settings import Settings
from stores.tenants import tenant_ids
from tests.stack.databases import Copies

BEFORE_CALLBACKS = "0012-1"


def test_an_empty_database_is_brought_up_to_date_and_then_left_alone(
    migrated_postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated_postgres.create_database("from_nothing")
    url = migrated_postgres.owner_url_of("from_nothing")
    configured = Settings(migration_database_url=SecretStr(url))
    monkeypatch.setattr("ops.migrate.settings", lambda: configured)
    assert revisions_of(url) == set()
    with pytest.raises(Trouble, match=r"/from_nothing would be changed from nothing to .*casewright migrate"):
        require_leave(configured, given=False)
    require_leave(configured, given=True)
    migrate()
    require_leave(configured, given=False)
    assert revisions_of(url) == expected_revisions() != set()
    monkeypatch.setattr("ops.migrate.upgrade", lambda _: pytest.fail("there was nothing to do"))
    migrate()


def test_somebody_at_a_terminal_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    configured = Settings(migration_database_url=SecretStr("postgresql://owner:s3cret@db.example/casewright"))
    monkeypatch.setattr("ops.migrate.revisions_of", lambda _: {"0001"})
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked: list[str] = []
    for answer in (False, True):
        monkeypatch.setattr("typer.confirm", lambda text, answer=answer: asked.append(text) or answer)
        if answer:
            require_leave(configured, given=False)
        else:
            with pytest.raises(Trouble, match="Nothing was changed"):
                require_leave(configured, given=False)
    assert asked[0] == asked[1]
    assert asked[0].startswith("The schema at db.example/casewright would be changed from 0001 to ")


def test_a_database_that_is_away_is_named_without_its_password() -> None:
    configured = Settings(database_url=SecretStr("postgresql://app:s3cret@127.0.0.1:1/casewright"))
    with pytest.raises(Trouble, match=r"127\.0\.0\.1/casewright cannot be read: OperationalError") as away:
        require_leave(configured, given=False)
    assert "s3cret" not in str(away.value)


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
