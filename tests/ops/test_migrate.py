from pathlib import Path

import pytest
from pydantic import SecretStr

from ops.embedded.postgres import running
from ops.migrate import expected_revisions, migrate, revisions_of
from ops.trouble import Trouble
from runtime.settings import Settings


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


def test_without_a_database_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ops.migrate.settings", lambda: Settings.model_construct(database_url=None, migration_database_url=None)
    )
    with pytest.raises(Trouble, match="DATABASE_URL"):
        migrate()
