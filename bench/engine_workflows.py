"""Workflows that do the least possible; the product's figures are compared with theirs."""

from datetime import timedelta

from temporalio import activity, workflow

ENGINE_QUEUE = "bench-engine"


@activity.defn(name="bench.do_nothing")
async def do_nothing() -> None:
    """One activity's way through the engine and back."""


@workflow.defn(name="BenchNoOp")
class NoOp:
    """Ends as soon as it begins."""

    @workflow.run
    async def run(self) -> None:
        return


@workflow.defn(name="BenchOpenCase")
class OpenCase:
    """Stays open, as a case does, and takes updates of one activity each."""

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def step(self) -> None:
        await workflow.execute_activity(do_nothing, start_to_close_timeout=timedelta(seconds=10))
