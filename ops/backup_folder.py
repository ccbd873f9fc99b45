"""What a backup consists of: the database as it was at one moment, the bytes of the files that it names, and, of an
embedded installation, the keys that its links and sessions were signed with. Nothing of Temporal: a case's row is all
of its state."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ops.trouble import Trouble


@dataclass(frozen=True)
class Manifest:
    """Which code made it and when (UTC, ISO 8601), at which revisions the schema was, how many files there are, and the
    keys of those whose bytes were not there or not the ones that the database names."""

    version: str
    made_at: str
    revisions: tuple[str, ...]
    files: int
    missing: tuple[str, ...]


_MANIFEST = TypeAdapter(Manifest)


@dataclass(frozen=True)
class BackupFolder:
    """The parts of the backup in `path`. The manifest is written last: without it a backup is not whole."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "database.dump"

    @property
    def files(self) -> Path:
        return self.path / "files"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets.json"

    def write(self, manifest: Manifest) -> None:
        """Says that the backup is whole."""
        self._manifest.write_bytes(_MANIFEST.dump_json(manifest, indent=2) + b"\n")

    def manifest(self) -> Manifest:
        """What the backup says of itself. Raises Trouble when it is not whole."""
        try:
            return _MANIFEST.validate_json(self._manifest.read_bytes())
        except (OSError, ValidationError) as wrong:
            raise Trouble(f"{self.path} is no whole backup: its manifest.json is not there, or damaged.") from wrong

    @property
    def _manifest(self) -> Path:
        return self.path / "manifest.json"
