"""`casewright backup` and `casewright restore`, as somebody types them."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ops.backup import back_up, backup
from ops.backup_folder import BackupFolder
from ops.embedded import postgres_place
from ops.embedded.ports import free_port
from ops.embedded.postgres import Postgres, serving
from ops.embedded.postgres_roles import DATABASE
from ops.embedded.secrets import load_or_create
from ops.postgres_programs import libpq_url
from ops.restore import restore
from ops.trouble import Trouble
from runtime.settings import settings
from stores.files.storage import FileStorage
from tests.stack.databases import Copies


@pytest.fixture
async def made(copies: Copies, tmp_path: Path) -> BackupFolder:
    """A backup of a company, made in a home that has kept its keys."""
    company = await copies.seeded("backed_up")
    folder = BackupFolder(tmp_path / "backup")
    folder.path.mkdir()
    await back_up(company.server.superuser_url_of(company.name), FileStorage.at(None, tmp_path), folder)
    load_or_create(folder.path)
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    home = tmp_path / "home"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASEWRIGHT_HOME", str(home))
    monkeypatch.setenv("CASEWRIGHT_POSTGRES_PORT", str(free_port()))
    settings.cache_clear()
    yield home
    settings.cache_clear()
    postgres_place.remove(home)


def _people(home: Path) -> int:
    postgres = Postgres(home, settings().postgres_port, load_or_create(home))
    url = libpq_url(postgres.superuser_url_of(DATABASE))
    with serving(postgres, home / "again.log"), psycopg.connect(url) as connection:
        return (connection.execute("SELECT count(*) FROM account").fetchone() or (0,))[0]


def test_a_home_without_a_database_becomes_what_was_backed_up(
    made: BackupFolder, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, told = made.database.read_bytes(), json.loads((made.path / "manifest.json").read_text())
    made.database.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Trouble, match="pg_restore failed"):
        restore(made.path)
    made.database.write_bytes(whole)
    (home / "secrets.json").unlink()
    load_or_create(home)
    with pytest.raises(Trouble, match="has other keys than the backup"):
        restore(made.path)
    (home / "secrets.json").unlink()
    (made.path / "manifest.json").write_text(json.dumps({**told, "revisions": ["9999"]}))
    with pytest.raises(Trouble, match="at 9999: newer code"):
        restore(made.path)
    (made.path / "manifest.json").write_text(json.dumps(told))
    # Nothing of these attempts is left.
    restore(made.path)
    assert "Next: `casewright up`, then in another terminal `casewright resume`." in capsys.readouterr().out
    assert (home / "secrets.json").read_text() == made.secrets.read_text()
    assert _people(home) > 10
    with pytest.raises(Trouble, match="has a database already"):
        restore(made.path)


def test_a_backup_is_never_written_over_and_needs_a_role_that_sees_all(home: Path, tmp_path: Path) -> None:
    assert not home.exists()
    with pytest.raises(Trouble, match="is there already"):
        backup(tmp_path)
    with pytest.raises(Trouble, match="CASEWRIGHT_BACKUP_DATABASE_URL is not set"):
        backup(tmp_path / "new")
    assert not (tmp_path / "new").exists()
