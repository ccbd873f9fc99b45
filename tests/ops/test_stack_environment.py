import os
from pathlib import Path

import pytest

from ops.embedded.postgres import Postgres
from ops.embedded.secrets import load_or_create
from ops.home import Home
from ops.parts import is_embedded, ports, stack, stack_environment
from ops.stack import load_stack_environment, remove_stack_environment, write_stack_environment
from runtime.settings import Settings, settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in [name for name in os.environ if name.startswith(("CASEWRIGHT_", "DATABASE_", "TEMPORAL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    home = Home(tmp_path)
    home.make()
    return home


def test_alone_it_brings_everything(home: Home) -> None:
    configured = Settings(postgres_port=15433, temporal_port=17233, temporal_ui_port=18233)
    secrets = load_or_create(home.path)
    postgres = Postgres(home.path, configured.postgres_port, secrets)
    environment = stack_environment(configured, home.path, postgres, secrets)
    assert is_embedded(configured)
    assert environment["CASEWRIGHT_EMBEDDED"] == "true"
    assert environment["TEMPORAL_ADDRESS"] == "127.0.0.1:17233"
    assert environment["CASEWRIGHT_TEMPORAL_UI_URL"] == "http://127.0.0.1:18233"
    assert "casewright_app:" in environment["DATABASE_URL"]
    assert "casewright_owner:" in environment["CASEWRIGHT_MIGRATION_DATABASE_URL"]
    assert [part.name for part in stack(configured, home.path, postgres, secrets, environment)] == [
        *("postgres", "temporal", "mail-catcher", "imap", "fork-server", "migrations", "seed", "worker", "api")
    ]


def test_given_servers_are_used_and_get_no_demo(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://app@db.example/casewright")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    monkeypatch.setenv("CASEWRIGHT_SMTP_URL", "smtp://mail.example")
    configured = Settings()
    secrets = load_or_create(home.path)
    environment = stack_environment(configured, home.path, None, secrets)
    assert environment["CASEWRIGHT_EMBEDDED"] == "false"
    assert environment["CASEWRIGHT_MIGRATION_DATABASE_URL"] == "postgresql+psycopg://app@db.example/casewright"
    assert environment["CASEWRIGHT_SMTP_URL"] == "smtp://mail.example"
    assert "CASEWRIGHT_TEMPORAL_UI_URL" not in environment
    assert [port.setting for port in ports(configured)] == ["CASEWRIGHT_API_PORT"]
    assert [part.name for part in stack(configured, home.path, None, secrets, environment)] == [
        *("namespace", "fork-server", "migrations", "worker", "api")
    ]


def test_another_command_finds_the_running_stack(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    key = load_or_create(home.path).jwt_private_key
    kept = {
        "DATABASE_URL": "postgresql+psycopg://app:it's@127.0.0.1/casewright",
        "CASEWRIGHT_JWT_PRIVATE_KEY": key,
        "TEMPORAL_ADDRESS": "127.0.0.1:1",
    }
    write_stack_environment(home.path, kept)
    assert (home.run / "stack.env").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("TEMPORAL_ADDRESS", "mine:1")
    # What loading sets is undone after the test, as monkeypatch has seen these names.
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("CASEWRIGHT_JWT_PRIVATE_KEY", "")
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("CASEWRIGHT_JWT_PRIVATE_KEY")
    try:
        assert load_stack_environment(home.path)
        assert os.environ["DATABASE_URL"] == kept["DATABASE_URL"]
        assert os.environ["CASEWRIGHT_JWT_PRIVATE_KEY"] == key
        assert os.environ["TEMPORAL_ADDRESS"] == "mine:1"
    finally:
        settings.cache_clear()
    remove_stack_environment(home.path)
    assert not load_stack_environment(home.path)
