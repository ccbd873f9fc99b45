"""Schedules of earlier versions, whose work the workers do by rounds now."""

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

SCHEDULES = ("sweep-pending-commands", "sweep-files")


async def remove_schedules(client: Client) -> None:
    """Removes what an earlier version has left in the namespace. A run under way goes on to its end.

    Raises RPCError when the engine is away.
    """
    for name in SCHEDULES:
        try:
            await client.get_schedule_handle(name).delete()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
