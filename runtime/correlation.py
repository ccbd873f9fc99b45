"""The correlation id on its way through Temporal: in the headers of a workflow's start and of each update, and of the
activities that an update causes; on the log lines of every activity, with the tenant and the case it works for.

What is bound to the log's context is what travels, so a log and a header never disagree.
"""

import json
from contextvars import ContextVar
from dataclasses import replace
from time import perf_counter
from typing import Any

import structlog
from temporalio import activity, client, worker, workflow
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadConverter

HEADER = "correlation-id"

_FACTS = ("tenant_id", "case_id", "step_id", "correlation_id")

log = structlog.get_logger(__name__)

# Inside a workflow: the header of the update that is being handled.
_of_update: ContextVar[Payload | None] = ContextVar("correlation_of_update", default=None)


class Correlated(client.Interceptor, worker.Interceptor):
    """An interceptor for a client; the client's workers use it too."""

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:  # noqa: A002
        return _Client(next)

    def intercept_activity(self, next: worker.ActivityInboundInterceptor) -> worker.ActivityInboundInterceptor:  # noqa: A002
        return _Activity(next)

    def workflow_interceptor_class(
        self,
        input: worker.WorkflowInterceptorClassInput,  # noqa: A002, ARG002
    ) -> type[worker.WorkflowInboundInterceptor]:
        return _Workflow


def correlation_header() -> dict[str, Payload]:
    """The header for the correlation id that is bound to the log's context; nothing where none is."""
    ident = structlog.contextvars.get_contextvars().get("correlation_id")
    return {HEADER: PayloadConverter.default.to_payload(ident)} if ident else {}


class _Client(client.OutboundInterceptor):
    async def start_workflow(self, input: client.StartWorkflowInput) -> client.WorkflowHandle[Any, Any]:  # noqa: A002
        return await super().start_workflow(replace(input, headers={**input.headers, **correlation_header()}))

    async def start_workflow_update(
        self,
        input: client.StartWorkflowUpdateInput,  # noqa: A002
    ) -> client.WorkflowUpdateHandle[Any]:
        return await super().start_workflow_update(replace(input, headers={**input.headers, **correlation_header()}))

    async def start_update_with_start_workflow(
        self,
        input: client.StartWorkflowUpdateWithStartInput,  # noqa: A002
    ) -> client.WorkflowUpdateHandle[Any]:
        header = correlation_header()
        start, update = input.start_workflow_input, input.update_workflow_input
        start.headers = {**start.headers, **header}
        update.headers = {**update.headers, **header}
        return await super().start_update_with_start_workflow(input)


class _Workflow(worker.WorkflowInboundInterceptor):
    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        super().init(_FromWorkflow(outbound))

    async def handle_update_handler(self, input: worker.HandleUpdateInput) -> Any:  # noqa: A002
        _of_update.set(input.headers.get(HEADER))
        return await super().handle_update_handler(input)


class _FromWorkflow(worker.WorkflowOutboundInterceptor):
    def start_activity(self, input: worker.StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002
        if header := _of_update.get():
            input.headers = {**input.headers, HEADER: header}
        return super().start_activity(input)


class _Activity(worker.ActivityInboundInterceptor):
    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002
        began = perf_counter()
        outcome = "failed"
        with structlog.contextvars.bound_contextvars(**_facts(input)):
            try:
                answer = await super().execute_activity(input)
                outcome = "done"
                return answer
            finally:
                # Activities without a tenant or case are run by schedules, and would fill the log.
                tell = log.info if input.args else log.debug
                tell("activity", outcome=outcome, ms=round((perf_counter() - began) * 1000, 1))


def _facts(input: worker.ExecuteActivityInput) -> dict[str, str]:  # noqa: A002
    info = activity.info()
    facts = {"activity": info.activity_type, "attempt": str(info.attempt)}
    if info.workflow_id:
        facts["workflow_id"] = info.workflow_id
    if header := input.headers.get(HEADER):
        # A JSON string, as `correlation_header` has it written.
        facts["correlation_id"] = str(json.loads(header.data))
    # The step's own id comes first: a step that a deadline caused during an update has another one than the update.
    subject = input.args[0] if input.args else None
    for name in _FACTS:
        if value := getattr(subject, name, None):
            facts[name] = str(value)
    return facts
