"""`casewright fast-forward`: moves the clock of one case, and of no other, on the embedded server."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.markdown import Markdown
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from domain.cases import CaseKind, workflow_id
from ops.engine_client import engine_client
from ops.trouble import Trouble
from runtime.settings import settings

FARTHEST = timedelta(days=3650)
PATIENCE = timedelta(minutes=2)

_DURATION = re.compile(r"(?:(?P<days>\d{1,4})d)?(?:(?P<hours>\d{1,5})h)?(?:(?P<minutes>\d{1,7})m)?")


@dataclass(frozen=True)
class Arrival:
    """Where a case's clock has got to (`at`, UTC), and what the case waits for now, in Markdown.

    `ended` when the case came to its end on the way; its clock then stands where it ended.
    """

    at: datetime
    waits_for: str
    ended: bool


def fast_forward(
    case: Annotated[str, typer.Argument(help="The case, as ticket/01a1f940-fe27-7223-aca3-a0ee4a3aa8e9.")],
    by: Annotated[str, typer.Argument(metavar="DURATION", help="Days, hours, minutes: 90m, 4h, 2d, 1d12h.")],
) -> None:
    """Move one case's clock forward; what becomes due on the way happens, as if the time had passed."""
    arrival = asyncio.run(_moved(parse_case(case), parse_duration(by)))
    console = Console()
    console.print(f"{case} is at {arrival.at:%Y-%m-%d %H:%M:%S} UTC" + (", and has ended." if arrival.ended else "."))
    if not arrival.ended:
        console.print(Markdown(arrival.waits_for))


async def move_clock(client: Client, case: str, by: timedelta) -> Arrival:
    """Moves the clock of `case` (`ticket/<id>`) and returns when it has got there.

    What became due on the way has then been recorded. Raises Trouble for a case that is unknown or has finished, and
    when it does not get there within `PATIENCE`.
    """
    handle = client.get_workflow_handle(case)
    await _require_running(handle)
    skipper = TimeSkipper(client)
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            arrived = await skipper.fast_forward(handle, by)
            return Arrival(
                at=await skipper.get_current_time(handle),
                waits_for=await current_details(handle) if arrived else "",
                ended=not arrived,
            )
    except TimeoutError as late:
        raise Trouble(f"The clock of {case} is still on its way: does a worker run?") from late
    except RPCError as error:
        raise _explained(case, error) from error
    except RuntimeError as overtaken:
        raise Trouble(f"The clock of {case} was moved again before it got there.") from overtaken


def parse_case(text: str) -> str:
    """The workflow id of a case written as `<kind>/<id>`. Raises Trouble when it is not one."""
    kind, _, identity = text.partition("/")
    try:
        return workflow_id(CaseKind(kind), UUID(identity))
    except ValueError as malformed:
        known = " or ".join(f"{known}/<id>" for known in CaseKind)
        raise Trouble(f"'{text}' is not a case. Write {known}, the id as the API gives it.") from malformed


def parse_duration(text: str) -> timedelta:
    """The duration written as `90m`, `4h`, `2d` or `1d12h`. Raises Trouble for none, zero, or more than `FARTHEST`."""
    match = _DURATION.fullmatch(text)
    duration = timedelta(**{unit: int(n) for unit, n in match.groupdict("0").items()}) if match else timedelta()
    if not timedelta() < duration <= FARTHEST:
        raise Trouble(f"'{text}' is not a duration up to {FARTHEST.days}d. Write it as 90m, 4h, 2d or 1d12h.")
    return duration


async def _moved(case: str, by: timedelta) -> Arrival:
    if not settings().embedded:
        raise Trouble(
            "Only the embedded stack lets a case's clock be moved, "
            f"and none runs in {settings().home.absolute()}: start it with `make up`."
        )
    async with engine_client(settings()) as client:
        return await move_clock(client, case, by)


async def _require_running(handle: WorkflowHandle[object, object]) -> None:
    try:
        found = await handle.describe()
    except RPCError as error:
        raise _explained(handle.id, error) from error
    if found.status is not WorkflowExecutionStatus.RUNNING:
        ended = f"{found.close_time.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if found.close_time else "an unknown time"
        raise Trouble(f"{handle.id} has finished at {ended}: its clock stands still.")


def _explained(case: str, error: RPCError) -> Trouble:
    if error.status is RPCStatusCode.NOT_FOUND:
        return Trouble(f"No workflow runs for {case}: is the id right?")
    return Trouble(f"Temporal could not move the clock of {case}: {error.message}")


async def current_details(handle: WorkflowHandle[object, object]) -> str:
    """What the workflow shows operators in the Temporal UI, as Markdown."""
    metadata: WorkflowMetadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return metadata.current_details
