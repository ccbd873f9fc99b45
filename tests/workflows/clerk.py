"""Commands for Temporal's test server, which knows no Update-with-Start: a start and an update, one after the other."""

from uuid import UUID

from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from api.cases.dispatch import Dispatcher, payload
from domain.cases import workflow_id
from models.cases import CommandRow
from workflows.parts.messages import Applied
from workflows.policies import CASES_QUEUE

ATTEMPTS = 5


class StartThenUpdate(Dispatcher):
    async def _update(self, command: CommandRow, case_id: UUID) -> Applied:
        for _ in range(ATTEMPTS):
            try:
                return await self._start_then_update(command, case_id)
            except RPCError as error:
                # A case that is over ends between the two; where they are one, the update is there first.
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
        return await self._start_then_update(command, case_id)

    async def _start_then_update(self, command: CommandRow, case_id: UUID) -> Applied:
        kind, _, update = command.kind.partition(".")
        entry = self._kinds[command.case_kind]
        handle = await self._client.start_workflow(
            entry.workflow.run,
            entry.start(command.tenant_id, case_id, update),
            id=workflow_id(kind, case_id),
            task_queue=CASES_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
        return await handle.execute_update(update, payload(command), id=str(command.id), result_type=Applied)
