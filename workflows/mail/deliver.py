"""Sends the messages of a step that belongs to no case, such as a mail about somebody's account.

Its id is `deliver/{step id}`, so one step has one sender at a time however often it is started.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.mail.deliveries import DeliveryActivities
    from domain.cases import StepRef
    from workflows.policies import DELIVERY_HEARTBEAT, DELIVERY_QUEUE, DELIVERY_RETRY, DELIVERY_TIMEOUT


@workflow.defn(name="DeliverWorkflow")
class DeliverWorkflow:
    @workflow.run
    async def run(self, step: StepRef) -> int:
        """Returns how many messages were sent."""
        return await workflow.execute_activity_method(
            DeliveryActivities.send_step,
            step,
            task_queue=DELIVERY_QUEUE,
            start_to_close_timeout=DELIVERY_TIMEOUT,
            heartbeat_timeout=DELIVERY_HEARTBEAT,
            retry_policy=DELIVERY_RETRY,
            summary="send the messages of a step",
        )
