"""What tests of lifecycles have begun, and whether it replays: each history as a whole, once its test is over, which
finds what replaying it at every step would find, and costs a fraction of that."""

from typing import Any

from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from tests.rollouts.corpus import replay


class Begun(Interceptor):
    """Notes the ids of the workflows that a client starts."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002
        return _Noting(next, self._ids)

    def watching(self, client: Client) -> Client:
        """The client, whose starts are noted."""
        config = client.config()
        config["interceptors"] = [*config["interceptors"], self]
        return Client(**config)

    async def replay(self, client: Client, *, changed: type | None = None) -> list[str]:
        """Replays the newest run of each that has been noted since the last time, in the sandbox, and by a `changed`
        workflow instead of that of its name: none may decide otherwise than it did, or hold personal data. Returns the
        ids of those."""
        ids = sorted(self._ids)
        self._ids.clear()
        if histories := [await client.get_workflow_handle(workflow_id).fetch_history() for workflow_id in ids]:
            await replay(*histories, changed=changed, runner=SandboxedWorkflowRunner())
        return ids


class _Noting(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, ids: set[str]) -> None:  # noqa: A002
        super().__init__(next)
        self._noted = ids

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002
        self._noted.add(input.id)
        return await super().start_workflow(input)
