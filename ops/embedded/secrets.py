"""The secrets of one embedded installation: made once, kept in `$CASEWRIGHT_HOME/secrets.json`."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ops.atomic_file import write_atomically
from ops.trouble import Trouble


@dataclass(frozen=True)
class Secrets:
    """Passwords of the three database roles, and the PEMs of the Ed25519 keys that sign access tokens and what is
    mailed."""

    superuser_password: str
    owner_password: str
    app_password: str
    jwt_private_key: str
    link_private_key: str

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
    if isinstance(kept, dict) and names[:-1] == [name for name in names if name in kept]:
        # A home from before links had a key of their own.
        kept["link_private_key"] = new_key()
        write_atomically(path, json.dumps(kept, indent=2) + "\n", mode=0o600)
    missing = [name for name in names if not isinstance(kept, dict) or not isinstance(kept.get(name), str)]
    if missing:
        raise SecretsUnreadable(f"{path} lacks {', '.join(missing)}; restore it, or remove {home} to start anew")
    os.chmod(path, 0o600)
    return Secrets(**{name: kept[name] for name in names})


def _make() -> Secrets:
    return Secrets(
        superuser_password=secrets.token_urlsafe(24),
        owner_password=secrets.token_urlsafe(24),
        app_password=secrets.token_urlsafe(24),
        jwt_private_key=new_key(),
        link_private_key=new_key(),
    )


def new_key() -> str:
    """An Ed25519 key, as PEM of PKCS 8."""
    # Imported here, because only the first start of a home needs it.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
