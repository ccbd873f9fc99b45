"""What a case is asked, and what it answers."""

from dataclasses import dataclass
from uuid import UUID

from domain.cases import Actor


@dataclass(frozen=True, kw_only=True)
class Command:
    """A change that somebody asks for. Ids, enums, amounts and times only: personal data stays in Postgres.

    `expected_version` is what the asker last read; the command is refused when the case has moved on since.
    """

    id: UUID
    actor: Actor
    correlation_id: str
    expected_version: int | None = None


@dataclass(frozen=True)
class Applied:
    """The command is done; the case's row now has at least this version."""

    version: int
