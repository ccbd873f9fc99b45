"""Commands that follow from another change, such as releasing the tasks of somebody who leaves."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.http.correlation import correlation_id
from api.identity.callers import Caller
from api.registry import KINDS
from domain.cases import CaseKind
from models.cases import CommandRow


def pending_command(
    caller: Caller, case_kind: CaseKind, case_id: UUID, update: str, arguments: dict[str, Any]
) -> CommandRow:
    """A command, in the caller's name, to a case that the caller's change concerns. Add it to the session of that
    change; the sweep delivers it."""
    KINDS[case_kind].check(update, arguments)
    return CommandRow(
        id=uuid7(),
        tenant_id=caller.tenant_id,
        case_kind=case_kind,
        case_id=case_id,
        kind=f"{case_kind}.{update}",
        arguments=arguments,
        actor_id=caller.account_id,
        correlation_id=correlation_id(),
        fingerprint="",
        created_at=datetime.now(UTC),
    )
