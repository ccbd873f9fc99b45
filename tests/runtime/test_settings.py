"""The settings: .env.example names each, and production refuses to start with unsafe ones."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from ops.embedded.secrets import new_key, new_secret_key
from ops.seed import seed
from ops.trouble import Trouble
from runtime.production import UnsafeForProduction, require_safe
from runtime.settings import Settings, UnusableSettings, settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / ".env.example"
PREFIX = "CASEWRIGHT_"
KEY = new_key()


class OnlyGiven(Settings):
    """The settings without the environment of this process."""

    model_config = SettingsConfigDict(env_prefix="NOT_SET_", env_file=None)


SAFE: dict[str, Any] = {
    "env": "production",
    "database_url": SecretStr("postgresql+psycopg://app:s3cret@db/casewright?sslmode=verify-full"),
    "migration_database_url": SecretStr("postgresql+psycopg://owner:s3cret@db/casewright?sslmode=require"),
    "temporal_address": "temporal:7233",
    "temporal_tls": True,
    "smtp_url": SecretStr("smtps://mail.example"),
    "public_url": "https://desk.example",
    "jwt_private_key": SecretStr(KEY),
    "link_private_key": SecretStr(new_key()),
    "secret_keys": SecretStr(new_secret_key()),
}


def test_the_example_names_every_setting_and_no_other() -> None:
    assert {name.removeprefix(PREFIX).lower() for name in dotenv_values(EXAMPLE)} == set(Settings.model_fields)


def test_the_example_shows_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith((PREFIX, "DATABASE_URL", "TEMPORAL_ADDRESS")):
            monkeypatch.delenv(name)
    assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)


def test_the_example_holds_no_secret() -> None:
    shown = dotenv_values(EXAMPLE)
    for name, field in Settings.model_fields.items():
        if SecretStr in (field.annotation, *getattr(field.annotation, "__args__", ())) and name != "demo_password":
            assert shown[f"{PREFIX}{name.upper()}"] == ""


def test_safe_settings_will_do() -> None:
    require_safe(OnlyGiven(**SAFE))


def test_development_may_do_as_it_likes() -> None:
    require_safe(OnlyGiven(cors_origins="*"))


UNSAFE: list[tuple[dict[str, Any], str]] = [
    ({"jwt_private_key": None}, "CASEWRIGHT_JWT_PRIVATE_KEY is missing"),
    ({"public_url": None}, "CASEWRIGHT_PUBLIC_URL is missing"),
    ({"database_url": None}, "DATABASE_URL is missing"),
    ({"temporal_address": None}, "TEMPORAL_ADDRESS is missing"),
    ({"smtp_url": None}, "CASEWRIGHT_SMTP_URL is missing"),
    ({"link_private_key": None}, "CASEWRIGHT_LINK_PRIVATE_KEY is missing"),
    ({"secret_keys": None}, "CASEWRIGHT_SECRET_KEYS is missing"),
    ({"link_private_key": SecretStr(KEY)}, "CASEWRIGHT_LINK_PRIVATE_KEY is the key of logins"),
    ({"embedded": True}, "CASEWRIGHT_EMBEDDED is true"),
    ({"embedded": True, "demo_password": SecretStr("Another-one-2026!")}, "CASEWRIGHT_EMBEDDED is true"),
    ({"public_url": "http://desk.example"}, "CASEWRIGHT_PUBLIC_URL is not encrypted"),
    ({"temporal_tls": False}, "TEMPORAL_ADDRESS is not encrypted"),
    ({"temporal_api_key": SecretStr("change-me")}, "CASEWRIGHT_TEMPORAL_API_KEY still holds the placeholder"),
    ({"cors_origins": "https://a.example,*"}, "CASEWRIGHT_CORS_ORIGINS is *"),
    ({"metrics_token": SecretStr("change-me-please")}, "CASEWRIGHT_METRICS_TOKEN still holds the placeholder"),
    ({"smtp_url": SecretStr("smtp://mail.example")}, "CASEWRIGHT_SMTP_URL is not encrypted"),
    ({"smtp_url": SecretStr("smtp://mail.example:25")}, "CASEWRIGHT_SMTP_URL is not encrypted"),
    *(
        ({name: SecretStr(f"postgresql+psycopg://u:p@h/d{query}")}, f"{variable} is not encrypted")
        for name, variable in (
            ("database_url", "DATABASE_URL"),
            ("migration_database_url", "CASEWRIGHT_MIGRATION_DATABASE_URL"),
        )
        for query in ("", "?sslmode=disable", "?sslmode=prefer", "?sslmode=require&sslmode=disable", "?SSLMODE=require")
    ),
]


@pytest.mark.parametrize(("given", "named"), UNSAFE)
def test_production_names_what_will_not_do(given: dict[str, Any], named: str) -> None:
    with pytest.raises(UnsafeForProduction) as refused:
        require_safe(OnlyGiven(**{**SAFE, **given}))
    assert named in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_the_worker_needs_no_key_that_signs_logins() -> None:
    require_safe(OnlyGiven(**{**SAFE, "jwt_private_key": None}), logins=False)


def test_production_names_all_of_it_at_once() -> None:
    with pytest.raises(UnsafeForProduction) as refused:
        require_safe(OnlyGiven(env="production"))
    assert str(refused.value).count("\n- ") == 7


@pytest.mark.parametrize(
    "given",
    [
        {"database_url": SecretStr("postgresql+psycopg://u:p@h/d"), "allow_unencrypted_database": True},
        {"smtp_url": SecretStr("smtp://mail.example"), "allow_unencrypted_smtp": True},
        {"smtp_url": SecretStr("smtp://mail.example:587")},
        {"public_url": "http://desk.internal", "allow_unencrypted_public_url": True},
        {"temporal_tls": False, "allow_unencrypted_temporal": True},
        {"temporal_tls": False, "temporal_api_key": SecretStr("s3cret")},
        {"temporal_tls": False, "temporal_tls_cert": Path("client.pem"), "temporal_tls_key": Path("client.key")},
        {"temporal_tls": False, "temporal_tls_ca": Path("ca.pem")},
    ],
)
def test_what_is_said_openly_is_allowed(given: dict[str, Any]) -> None:
    require_safe(OnlyGiven(**{**SAFE, **given}))


@pytest.mark.parametrize(
    ("command", "given", "named"),
    [
        (("web.main",), {"CASEWRIGHT_ENV": "production"}, "CASEWRIGHT_PUBLIC_URL is missing"),
        (("workers.main",), {"CASEWRIGHT_ENV": "production"}, "CASEWRIGHT_PUBLIC_URL is missing"),
        (("ops.main", "up"), {"CASEWRIGHT_ENV": "production"}, "CASEWRIGHT_PUBLIC_URL is missing"),
        (("ops.main", "migrate"), {"DATABASE_URL": "postgresql://app:s3cret@db"}, "DATABASE_URL: must be like "),
    ],
)
def test_nothing_starts(command: tuple[str, ...], given: dict[str, str], named: str, tmp_path: Path) -> None:
    """One sentence for each fault, no traceback, and a code that says so."""
    foreign = (PREFIX, "DATABASE_URL", "TEMPORAL_ADDRESS")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    ended = subprocess.run(
        [sys.executable, "-m", *command],
        env={**inherited, **given, "CASEWRIGHT_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert named in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
    assert "s3cret" not in ended.stderr + ended.stdout


def test_no_demo_account_is_made_in_production_with_the_documented_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWRIGHT_ENV", "production")
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://u:p@127.0.0.1:1/nowhere")
    settings.cache_clear()
    try:
        with pytest.raises(Trouble, match="CASEWRIGHT_DEMO_PASSWORD"):
            seed()
    finally:
        settings.cache_clear()


WRONG: dict[str, list[Any]] = {
    "API_PORT": ["0", "65536", "99999", "-1", "http"],
    "SMTP_CATCHER_PORT": ["-1", "65536"],
    "DATABASE_URL": [
        "s3cret",
        "mysql://app:s3cret@db/casewright",
        "postgresql://app:s3cret@db",
        "postgresql://app:s3 cret@db/casewright",
        "postgresql://app:s3cret@db:54321x/casewright",
        "postgresql://app:s3cret@[db/casewright",
    ],
    "TEMPORAL_ADDRESS": ["temporal", "http://temporal:7233", "temporal:7233/s3cret"],
    "SMTP_URL": ["s3cret", "imap://s3cret@mail.example", "smtp://"],
    "PUBLIC_URL": ["desk.example", "ftp://desk.example", "https://desk.example?s3cret"],
    "STORAGE_URL": ["nonsense://bucket", "s3://"],
    "JWT_PRIVATE_KEY": ["s3cret", "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----"],
    "LINK_PRIVATE_KEY": ["s3cret"],
    "LOG_LEVEL": ["s3cret"],
    "DATABASE_POOL_SIZE": ["0"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_what_is_wrong_is_named_and_not_shown(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}{name}", value)
    settings.cache_clear()
    try:
        with pytest.raises(UnusableSettings, match=f"^The settings are not valid: {PREFIX}{name}: ") as refused:
            settings()
    finally:
        settings.cache_clear()
    assert "s3" not in str(refused.value).replace("s3://bucket", "")


def test_no_error_of_the_settings_shows_their_values() -> None:
    with pytest.raises(ValidationError) as refused:
        OnlyGiven(database_url=SecretStr("s3cret"), api_port=99_999)
    assert "s3cret" not in str(refused.value)
    assert "99999" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_database_is_named_as_hosts_hand_addresses_out(scheme: str) -> None:
    configured = OnlyGiven(database_url=SecretStr(f"{scheme}://app:s%20@[::1]:5432/casewright?sslmode=require"))
    assert configured.database_url is not None
    assert configured.database_url.get_secret_value() == (
        "postgresql+psycopg://app:s%20@[::1]:5432/casewright?sslmode=require"
    )


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"api_host": "0.0.0.0", "api_port": 80}, "http://127.0.0.1:80"),
        ({"api_host": "::1"}, "http://[::1]:8000"),
        ({"api_host": "::1", "public_url": "https://desk.example/"}, "https://desk.example"),
    ],
)
def test_where_people_reach_it(given: dict[str, Any], address: str) -> None:
    assert OnlyGiven(**given).address == address
