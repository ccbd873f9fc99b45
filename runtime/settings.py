"""Everything that can be configured, read once from the environment and `.env`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from runtime.well_formed import DatabaseUrl, HostAndPort, PrivateKey, SecretKeys, SmtpUrl, StorageUrl, WebAddress

# On the embedded stack the demo, the tests and a bench act as dozens of people from one address, and as one person who
# opens thousands of cases.
EMBEDDED_LIMITS = {
    "login_per_minute": 600,
    "register_per_hour": 600,
    "reset_per_quarter_hour": 600,
    "public_quote_per_minute": 600,
    "public_catalogue_per_minute": 6_000,
    "public_booking_per_minute": 600,
    "guest_booking_per_hour": 6_000,
    "refresh_per_minute": 600,
    "new_password_per_hour": 600,
    "upload_per_minute": 6_000,
    "open_case_per_minute": 60_000,
    "lockout_failures_per_address": 600,
    "connections_per_client": 2_000,
}

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  listened at, and not an address to go to


def _networks(value: object) -> object:
    if isinstance(value, str):
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    return value


def _origins(value: object) -> object:
    if isinstance(value, str):
        return tuple(origin.strip().rstrip("/") for origin in value.split(",") if origin.strip())
    return value


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)]
Limit = Annotated[int, Field(ge=1)]
Port = Annotated[int, Field(ge=1, le=65_535)]


class UnusableSettings(ValueError):
    """The settings will not do: the text names each that is wrong and says why, never what it is."""


class Settings(BaseSettings):
    """Settings of one Casewright installation; each is `CASEWRIGHT_<NAME>` in the environment.

    `DATABASE_URL` and `TEMPORAL_ADDRESS` also go by those usual names. When both are absent, `casewright up` starts
    its own Postgres and Temporal ("embedded") and hands their addresses to the processes it starts.
    """

    model_config = SettingsConfigDict(
        env_prefix="CASEWRIGHT_",
        env_file=".env",
        extra="ignore",
        populate_by_name=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    env: Literal["development", "production"] = "development"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    home: Path = Path(".casewright")
    embedded: bool = False

    api_host: str = "127.0.0.1"
    api_port: Port = 8000
    temporal_port: Port = 7233
    temporal_ui_port: Port = 8233
    postgres_port: Port = 5433
    smtp_catcher_port: int = Field(default=0, ge=0, le=65_535)
    imap_port: int = Field(default=0, ge=0, le=65_535)

    database_url: DatabaseUrl | None = Field(
        default=None, validation_alias=AliasChoices("CASEWRIGHT_DATABASE_URL", "DATABASE_URL")
    )
    migration_database_url: DatabaseUrl | None = None
    backup_database_url: DatabaseUrl | None = Field(
        default=None, description="The database by a role that row-level security does not hold, for backups."
    )
    database_pool_size: Limit = 12
    allow_unencrypted_database: bool = False

    temporal_address: HostAndPort | None = Field(
        default=None, validation_alias=AliasChoices("CASEWRIGHT_TEMPORAL_ADDRESS", "TEMPORAL_ADDRESS")
    )
    temporal_namespace: str = "casewright"
    temporal_tls: bool = False
    temporal_tls_ca: Path | None = Field(default=None, description="PEM file of who signs the server's certificate.")
    temporal_tls_cert: Path | None = Field(default=None, description="PEM file of the certificate that we show.")
    temporal_tls_key: Path | None = Field(default=None, description="PEM file of its private key.")
    temporal_tls_server_name: str | None = None
    temporal_api_key: SecretStr | None = None
    allow_unencrypted_temporal: bool = False
    temporal_ui_url: WebAddress | None = None
    build_id: str | None = Field(
        default=None, max_length=100, description="Which build its workers are; else a digest of their code."
    )
    promote_at_start: bool = Field(default=False, description="Whether a worker makes its build the current one.")

    smtp_url: SmtpUrl | None = None
    allow_unencrypted_smtp: bool = False
    mail_from: str = "Casewright <no-reply@casewright.example>"
    public_url: WebAddress | None = None
    allow_private_hosts: bool = Field(
        default=False,
        validation_alias=AliasChoices("CASEWRIGHT_ALLOW_PRIVATE_HOSTS", "CASEWRIGHT_WEBHOOK_PRIVATE_ADDRESSES"),
        description="Whether what a tenant names (mailboxes, webhooks) may be on this machine or a private network.",
    )
    allow_unencrypted_public_url: bool = False
    cors_origins: Origins = ()
    api_docs: bool = Field(default=True, description="Whether /docs and the description of the API are served.")

    jwt_private_key: PrivateKey | None = None
    jwt_earlier_public_keys: str = ""
    link_private_key: PrivateKey | None = Field(
        default=None, description="Signs what is mailed: tokens and links; else the key of logins does."
    )
    link_earlier_public_keys: str = ""
    secret_keys: SecretKeys | None = Field(
        default=None, description="Seal what logs in to mailboxes: the first seals, all of them open."
    )
    demo_password: SecretStr = SecretStr("Casewright-demo-2026!")

    storage_url: StorageUrl | None = Field(
        default=None, description="Where the bytes of files lie, as s3://bucket/prefix; else in the home."
    )
    clamd_address: str | None = Field(default=None, description="ClamAV's daemon, as host:port or unix:/path.")
    file_max_bytes: int = Field(default=20 * 1024 * 1024, ge=1)
    file_sweep_every_seconds: int = Field(default=600, ge=1)
    metrics_token: SecretStr | None = None
    worker_metrics_host: str = "127.0.0.1"
    worker_metrics_port: Port | None = None
    pulse_file: Path | None = Field(default=None, description="What a worker touches every few seconds, as it lives.")

    command_wait_seconds: float = Field(default=3.0, gt=0)
    sweep_every_seconds: int = Field(default=5, ge=1)
    sweep_after_seconds: int = Field(default=5, ge=0)
    reconcile_every_seconds: int = Field(default=300, ge=1)

    # How long the head of a request may take to arrive, and its body; a large body longer, while enough of it comes.
    request_seconds: float = Field(default=30.0, gt=0)
    # Addresses or networks, separated by commas, whose X-Forwarded-For is believed.
    trusted_proxies: Networks = ()
    # Per client address. Those of `EMBEDDED_LIMITS` are higher on the embedded stack, unless they are set.
    login_per_minute: Limit = 5
    register_per_hour: Limit = 3
    reset_per_quarter_hour: Limit = 3
    public_quote_per_minute: Limit = 30
    public_catalogue_per_minute: Limit = 300
    public_booking_per_minute: Limit = 30
    guest_booking_per_hour: Limit = 20
    lockout_failures_per_address: Limit = 5
    connections_per_client: Limit = 100
    # Per person, wherever they are.
    refresh_per_minute: Limit = 10
    new_password_per_hour: Limit = 10
    upload_per_minute: Limit = 60
    open_case_per_minute: Limit = 60
    lockout_failures: Limit = 5
    lockout_minutes: Limit = 30

    @property
    def address(self) -> str:
        """Where people reach it: the public address, else where it listens, as `http://127.0.0.1:8000`."""
        host = "127.0.0.1" if self.api_host in _EVERYWHERE else self.api_host
        return self.public_url or f"http://{f'[{host}]' if ':' in host else host}:{self.api_port}"

    @property
    def temporal_encrypted(self) -> bool:
        """Whether the connection to Temporal uses TLS: because the settings say so, or because a certificate or key is
        set."""
        return self.temporal_tls or any((self.temporal_tls_ca, self.temporal_tls_cert, self.temporal_api_key))

    @model_validator(mode="after")
    def _with_room_when_embedded(self) -> Self:
        if self.embedded:
            for name, limit in EMBEDDED_LIMITS.items():
                if name not in self.model_fields_set:
                    setattr(self, name, limit)
            if "allow_private_hosts" not in self.model_fields_set:
                self.allow_private_hosts = True
        return self


@lru_cache
def settings() -> Settings:
    """The settings of this process. Raises UnusableSettings."""
    try:
        return Settings()
    except ValidationError as invalid:
        wrong = "; ".join(_in_words(error) for error in invalid.errors(include_input=False))
        raise UnusableSettings(f"The settings are not valid: {wrong}") from None


@contextmanager
def told_when_unusable() -> Iterator[None]:
    """Ends the process with code 1 and the words of an UnusableSettings that is raised during the block."""
    try:
        yield
    except UnusableSettings as unusable:
        sys.exit(str(unusable))


def _in_words(error: ErrorDetails) -> str:
    why = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return why
    name = str(error["loc"][0])
    return f"{name if name.isupper() else f'CASEWRIGHT_{name.upper()}'}: {why}"
