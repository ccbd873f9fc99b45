"""The secrets of one embedded installation: made once, kept in `$CASEWRIGHT_HOME/secrets.json`."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ops.atomic_file import write_atomically
from ops.trouble import Trouble

_FIRST_SECRETS = 4
"""So many there were at first: a home that has them gets what came later, one that lacks any of them is damaged."""


@dataclass(frozen=True)
class Secrets:
    """Passwords of the three database roles, the PEMs of the Ed25519 keys that sign access tokens and what is mailed,
    the key that seals what logs in to mailboxes, and the password of the embedded mailboxes."""

    superuser_password: str
    owner_password: str
    app_password: str
    jwt_private_key: str
    link_private_key: str
    secret_key: str
    mailbox_password: str

    def __repr__(self) -> str:
        return "Secrets(...)"


class SecretsUnreadable(Trouble):
    """The secrets file is there but cannot be used; the sentence says what to do."""


def load_or_create(home: Path) -> Secrets:
    """The secrets of `home`; the first call makes them. Raises `SecretsUnreadable` for a damaged file.

    A damaged file is never replaced: the database it opens would be locked for good.
    """
    path = home / "secrets.json"
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        made = _make()
        write_atomically(path, json.dumps(asdict(made), indent=2) + "\n", mode=0o600)
        return made
    except ValueError as unreadable:
        raise SecretsUnreadable(f"{path} is not JSON; restore it, or remove {home} to start anew") from unreadable
    names = [field.name for field in fields(Secrets)]
    if isinstance(kept, dict) and all(name in kept for name in names[:_FIRST_SECRETS]):
        made_later = {"link_private_key": new_key, "secret_key": new_secret_key, "mailbox_password": _new_password}
        if lacking := made_later.keys() - kept.keys():
            kept |= {name: made_later[name]() for name in names if name in lacking}
            write_atomically(path, json.dumps(kept, indent=2) + "\n", mode=0o600)
    missing = [name for name in names if not isinstance(kept, dict) or not isinstance(kept.get(name), str)]
    if missing:
        raise SecretsUnreadable(f"{path} lacks {', '.join(missing)}; restore it, or remove {home} to start anew")
    os.chmod(path, 0o600)
    return Secrets(**{name: kept[name] for name in names})


def _make() -> Secrets:
    return Secrets(
        superuser_password=_new_password(),
        owner_password=_new_password(),
        app_password=_new_password(),
        jwt_private_key=new_key(),
        link_private_key=new_key(),
        secret_key=new_secret_key(),
        mailbox_password=_new_password(),
    )


def _new_password() -> str:
    return secrets.token_urlsafe(24)


def new_secret_key() -> str:
    """A key of `CASEWRIGHT_SECRET_KEYS`."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def new_key() -> str:
    """An Ed25519 key, as PEM of PKCS 8."""
    # Imported here, because only the first start of a home needs it.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
