"""The types that every kind of case shares: kinds, actors, states, references and asks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID

from domain.refusal import Refusal

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)

DEEPEST_CHAIN = 8
"""How long a chain of asks may be, in which each case asks the next because it was asked itself: longer ones are
cut."""


class CaseKind(StrEnum):
    TICKET = "ticket"
    KYC = "kyc"
    QUOTE = "quote"
    QUOTE_REQUEST = "quote_request"
    CALLBACK = "callback"
    INVOICE = "invoice"
    ORDER = "order"
    BOOKING = "booking"
    BOOKING_SERIES = "booking_series"
    MAIL_MATTER = "mail_matter"


class Party(StrEnum):
    """Whom a case waits for: the house without anybody in it being asked, its customer, a role of the house that a task
    asks, a moment that was set, or a machine that is about to go on by itself."""

    US = "us"
    CUSTOMER = "customer"
    ROLE = "role"
    TIME = "time"
    MACHINE = "machine"


class ActorKind(StrEnum):
    USER = "user"
    SYSTEM = "system"


class CommandStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"


UNSENT = (DeliveryStatus.PENDING, DeliveryStatus.SENDING)
"""What a message is as long as it is still owed."""

PUT_OFF = "put_off"
"""The error code of a message that was claimed and could not be sent for now: it waits for its next attempt."""


@dataclass(frozen=True)
class Actor:
    """Who acts: a user by id, or the system when a deadline fires."""

    kind: ActorKind
    id: UUID | None = None


SYSTEM = Actor(ActorKind.SYSTEM)


class CaseEvent(StrEnum):
    """Kinds of events that any case may record, besides those of its lifecycle."""

    DEADLINE_REFUSED = "deadline_refused"
    NOT_UNDONE = "not_undone"
    IMPORTED = "imported"


@dataclass(frozen=True)
class CaseRef:
    """Which case, of which tenant."""

    tenant_id: UUID
    case_id: UUID


@dataclass(frozen=True)
class BeginCase:
    """Which case is to begin, whose row holds all that its workflow begins with."""

    kind: CaseKind
    tenant_id: UUID
    case_id: UUID


@dataclass(frozen=True)
class StepRef:
    """Which step, of which tenant: of a case, or a request that staged mail about an account."""

    tenant_id: UUID
    step_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseState:
    """A case as its workflow knows it. It is frozen: each step makes a new one. Times are in UTC.

    A lifecycle's own state names its `kind` and adds its fields. Those that are columns of the case's row by the same
    name are written by the step that changes them; the others are read with the row. `transitions` says what each
    status may become, and `settled` the code and the sentence of the refusal of anything else; or it has its own
    `transition` and `over`. `waits_for` says whom an open case of a status waits for, as long as no task of it is
    pending; one of a status that is not in it waits for nobody.
    """

    kind: ClassVar[CaseKind]
    transitions: ClassVar[Mapping[Any, Collection[Any]]]
    settled: ClassVar[tuple[str, str]]
    waits_for: ClassVar[Mapping[Any, Party]]

    status: StrEnum
    number: str = ""
    status_since: datetime = BEFORE_ALL

    @property
    def over(self) -> bool:
        """Whether nothing can happen to the case any more without beginning anew from its row."""
        return not self.transitions[self.status]

    @classmethod
    def transition(cls, current: Any, to: Any) -> Any:
        """Returns `to` when a case in `current` may become it. Raises Refusal, of which more is said by kinds that tell
        one from another."""
        if to in cls.transitions[current]:
            return to
        raise Refusal(*cls.settled)

    def becomes(self, status: StrEnum, at: datetime) -> Self:
        """The case in another status from `at` on. Raises Refusal, as its `transition`."""
        return replace(self, status=self.transition(self.status, status), status_since=at)

    @property
    def owed_by(self) -> datetime | None:
        """When the next thing is late that the house owes the customer, besides what its pending tasks ask; None when
        nothing is owed by a certain time."""
        return None

    @property
    def unwinding(self) -> bool:
        """Whether what the case has done is being undone, or is to be: for lifecycles with a saga."""
        return False


@dataclass(frozen=True)
class Ask:
    """A command that one case's step asks of another case. `arguments` are those of the command's message: ids, enums,
    amounts and times."""

    kind: CaseKind
    case_id: UUID
    command: str
    arguments: dict[str, Any]

    @classmethod
    def of(cls, kind: CaseKind, case_id: UUID, command: str, message: type, **arguments: Any) -> Self:
        """Raises TypeError when `message`, which the other lifecycle's `command` takes, has no such fields."""
        unknown = arguments.keys() - {field.name for field in fields(message)}
        if unknown:
            raise TypeError(f"{message.__name__} has no {', '.join(sorted(unknown))}")
        return cls(kind, case_id, command, arguments)


def require_version(expected: int | None, version: int) -> None:
    """Raises Refusal `version_mismatch` when a case is not at the version that the asker has read."""
    if expected not in (None, version):
        raise Refusal("version_mismatch", f"The case has moved on: it is at version {version}.")


def workflow_id(kind: str, case_id: UUID) -> str:
    """The id of the workflow that is this case: `{kind}/{uuid}`."""
    return f"{kind}/{case_id}"
