"""Everything that can be configured, read once from the environment and `.env`."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one Casewright installation; each is `CASEWRIGHT_<NAME>` in the environment.

    `DATABASE_URL` and `TEMPORAL_ADDRESS` also go by those usual names. When both are absent, `casewright up` starts
    its own Postgres and Temporal ("embedded") and hands their addresses to the processes it starts.
    """

    model_config = SettingsConfigDict(
        env_prefix="CASEWRIGHT_", env_file=".env", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    env: Literal["development", "production"] = "development"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    home: Path = Path(".casewright")
    embedded: bool = False

    api_host: str = "127.0.0.1"
    api_port: int = 8000
    temporal_port: int = 7233
    temporal_ui_port: int = 8233
    postgres_port: int = 5433
    smtp_catcher_port: int = 1025

    database_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("CASEWRIGHT_DATABASE_URL", "DATABASE_URL")
    )
    migration_database_url: SecretStr | None = None
    database_pool_size: int = 12
    allow_unencrypted_database: bool = False

    temporal_address: str | None = Field(
        default=None, validation_alias=AliasChoices("CASEWRIGHT_TEMPORAL_ADDRESS", "TEMPORAL_ADDRESS")
    )
    temporal_namespace: str = "casewright"
    temporal_ui_url: str | None = None

    smtp_url: SecretStr | None = None
    allow_unencrypted_smtp: bool = False
    mail_from: str = "Casewright <no-reply@casewright.example>"
    public_url: str | None = None
    trusted_proxies: str = "127.0.0.1,::1"
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()

    jwt_private_key: SecretStr | None = None
    demo_password: SecretStr = SecretStr("Casewright-demo-2026!")

    metrics_token: SecretStr | None = None
    worker_metrics_host: str = "127.0.0.1"
    worker_metrics_port: int | None = None

    command_wait_seconds: float = 3.0
    sweep_every_seconds: int = 10
    sweep_after_seconds: int = 5

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: Any) -> Any:
        if isinstance(value, str):
            return [origin.strip().rstrip("/") for origin in value.split(",") if origin.strip()]
        return value


@lru_cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
