import json
from dataclasses import asdict
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ops.embedded.secrets import SecretsUnreadable, load_or_create


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    made = load_or_create(tmp_path)
    assert load_or_create(tmp_path) == made
    assert len({made.superuser_password, made.owner_password, made.app_password}) == 3
    assert made.jwt_private_key != made.link_private_key
    for key in (made.jwt_private_key, made.link_private_key):
        assert isinstance(load_pem_private_key(key.encode(), None), Ed25519PrivateKey)


def test_a_home_from_before_links_had_a_key_gets_one_and_keeps_the_rest(tmp_path: Path) -> None:
    before = asdict(load_or_create(tmp_path))
    del before["link_private_key"]
    (tmp_path / "secrets.json").write_text(json.dumps(before))
    now = load_or_create(tmp_path)
    assert asdict(now) == before | {"link_private_key": now.link_private_key}
    assert load_or_create(tmp_path) == now


def test_nobody_else_may_read_them(tmp_path: Path) -> None:
    made = load_or_create(tmp_path)
    file = tmp_path / "secrets.json"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    load_or_create(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert made.app_password not in repr(made)


@pytest.mark.parametrize("damage", ["", "{", json.dumps({"app_password": "x"}), json.dumps([])])
def test_a_damaged_file_is_said_and_kept(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(damage)
    with pytest.raises(SecretsUnreadable, match="restore it"):
        load_or_create(tmp_path)
    assert file.read_text() == damage


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "secrets.json.d").mkdir()
    from ops.atomic_file import write_atomically

    with pytest.raises(OSError):
        write_atomically(tmp_path / "secrets.json.d", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json.d"]
