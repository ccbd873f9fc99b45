"""What `CASEWRIGHT_ENV=production` insists on: no process starts with a well-known secret or an unencrypted
connection."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from runtime.settings import Settings, UnusableSettings

PLACEHOLDER = "change-me"
_ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})
_SUBMISSION_PORT = 587  # On this port the mailer insists on STARTTLS.


class UnsafeForProduction(UnusableSettings):
    """The settings will not do for production; the text names each that is wrong, and what to do about it."""


def require_safe(settings: Settings, *, logins: bool = True) -> None:
    """Raises UnsafeForProduction for settings that are not safe in production; in development it checks nothing.

    The key that signs `logins` is required only of the process that signs them, the API.
    """
    if settings.env != "production":
        return
    faults = list(_faults(settings, logins=logins))
    if faults:
        raise UnsafeForProduction("\n".join(["CASEWRIGHT_ENV=production refuses to start:", *faults]))


def _faults(settings: Settings, *, logins: bool) -> Iterator[str]:
    if settings.embedded:
        yield "- CASEWRIGHT_EMBEDDED is true: the embedded stack, whose mailbox anybody reads, is for development."
    yield from _missing(settings, logins=logins)
    yield from _known_to_everybody(settings)
    yield from _in_the_open(settings)


def _missing(settings: Settings, *, logins: bool) -> Iterator[str]:
    if settings.database_url is None:
        yield "- DATABASE_URL is missing: the embedded Postgres is for development."
    if settings.temporal_address is None:
        yield "- TEMPORAL_ADDRESS is missing: the embedded Temporal is for development."
    if settings.smtp_url is None:
        yield "- CASEWRIGHT_SMTP_URL is missing: no mail would reach anybody."
    if settings.public_url is None:
        yield "- CASEWRIGHT_PUBLIC_URL is missing: the links in mails would lead nowhere."
    if logins and settings.jwt_private_key is None:
        yield "- CASEWRIGHT_JWT_PRIVATE_KEY is missing: `openssl genpkey -algorithm ed25519` makes one."
    if settings.link_private_key is None:
        yield "- CASEWRIGHT_LINK_PRIVATE_KEY is missing: another key, which the worker signs mailed links with."
    elif settings.link_private_key == settings.jwt_private_key:
        yield "- CASEWRIGHT_LINK_PRIVATE_KEY is the key of logins: who sends mail could then log in as anybody."
    if settings.secret_keys is None:
        yield "- CASEWRIGHT_SECRET_KEYS is missing: `openssl rand -base64 32` makes one, which seals passwords."


def _known_to_everybody(settings: Settings) -> Iterator[str]:
    for name, secret in _secrets(settings):
        if PLACEHOLDER in secret.get_secret_value():
            yield f"- {name} still holds the placeholder {PLACEHOLDER}."


def _in_the_open(settings: Settings) -> Iterator[str]:
    if "*" in settings.cors_origins:
        yield "- CASEWRIGHT_CORS_ORIGINS is *: name the origins whose pages may call the API."
    if not settings.allow_unencrypted_database:
        databases = {
            "DATABASE_URL": settings.database_url,
            "CASEWRIGHT_MIGRATION_DATABASE_URL": settings.migration_database_url,
            "CASEWRIGHT_BACKUP_DATABASE_URL": settings.backup_database_url,
        }
        for name, url in databases.items():
            if url is not None and not _database_is_encrypted(url):
                yield (
                    f"- {name} is not encrypted: add sslmode=verify-full (or require), "
                    "or set CASEWRIGHT_ALLOW_UNENCRYPTED_DATABASE=true where the network is yours alone."
                )
    if not settings.allow_unencrypted_public_url and (settings.public_url or "https:").partition(":")[0] != "https":
        yield (
            "- CASEWRIGHT_PUBLIC_URL is not encrypted: passwords and tokens would travel in the open; use https://, "
            "or set CASEWRIGHT_ALLOW_UNENCRYPTED_PUBLIC_URL=true where the network is yours alone."
        )
    if settings.temporal_address and not settings.temporal_encrypted and not settings.allow_unencrypted_temporal:
        yield (
            "- TEMPORAL_ADDRESS is not encrypted: set CASEWRIGHT_TEMPORAL_TLS=true, a certificate or an API key, "
            "or CASEWRIGHT_ALLOW_UNENCRYPTED_TEMPORAL=true where the network is yours alone."
        )
    if settings.smtp_url is not None and not settings.allow_unencrypted_smtp and not _smtp_is_encrypted(settings):
        yield (
            "- CASEWRIGHT_SMTP_URL is not encrypted: use smtps:// or port 587, "
            "or set CASEWRIGHT_ALLOW_UNENCRYPTED_SMTP=true where the network is yours alone."
        )


def _secrets(settings: Settings) -> Iterator[tuple[str, SecretStr]]:
    named = {
        "DATABASE_URL": settings.database_url,
        "CASEWRIGHT_MIGRATION_DATABASE_URL": settings.migration_database_url,
        "CASEWRIGHT_BACKUP_DATABASE_URL": settings.backup_database_url,
        "CASEWRIGHT_SMTP_URL": settings.smtp_url,
        "CASEWRIGHT_JWT_PRIVATE_KEY": settings.jwt_private_key,
        "CASEWRIGHT_LINK_PRIVATE_KEY": settings.link_private_key,
        "CASEWRIGHT_SECRET_KEYS": settings.secret_keys,
        "CASEWRIGHT_TEMPORAL_API_KEY": settings.temporal_api_key,
        "CASEWRIGHT_METRICS_TOKEN": settings.metrics_token,
    }
    for name, secret in named.items():
        if secret is not None:
            yield name, secret


def _database_is_encrypted(url: SecretStr) -> bool:
    modes = parse_qs(urlsplit(url.get_secret_value()).query).get("sslmode", [])
    return bool(modes) and _ENCRYPTED.issuperset(modes)


def _smtp_is_encrypted(settings: Settings) -> bool:
    if settings.smtp_url is None:
        return False
    parts = urlsplit(settings.smtp_url.get_secret_value())
    return parts.scheme == "smtps" or parts.port == _SUBMISSION_PORT
