"""What is swept up behind the cases, and when: pending commands, unsent account mail, unfinished files, lost runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.runtime import Runtime

from activities.cases.carrying import CommandActivities
from activities.files.sweep import FileActivities
from activities.mail.accounts import AccountMailActivities
from api.cases.dispatch import Dispatcher
from api.cases.kinds import Kind
from api.cases.lost import LostCases
from api.cases.redelivery import deliver_in_turn
from api.mail.courier import Courier
from api.mail.watch import MailboxWatch
from api.registry import KINDS
from domain.cases import CaseKind
from models.database import Database
from runtime.build import version
from runtime.settings import Settings
from stores.failing import forget_unheard_of
from stores.files.scanner import VirusScanner
from stores.files.storage import FileStorage
from stores.forgetting import forget_what_is_over
from stores.mail.forgetting import forget_old_mail
from workers.rounds import Rounds

FAILING_RUNS = "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'"
"""Finds the runs of which workflow tasks fail, as the engine notices after a few attempts."""

_MANY_FILES_SECONDS = 1800.0
_MANY_CASES_SECONDS = 600.0
_MANY_ROWS_SECONDS = 1800.0
_AN_HOUR_SECONDS = 3600.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Sweeps:
    """Each does what was left undone, and may be done twice at once. `dispatcher` is what commands are carried by."""

    dispatcher: Dispatcher
    commands: CommandActivities
    account_mail: AccountMailActivities
    files: FileActivities


def sweeps_of(
    client: Client, database: Database, config: Settings, *, kinds: Mapping[CaseKind, Kind] = KINDS
) -> Sweeps:
    """The sweeps of one process."""
    dispatcher = Dispatcher(
        client, kinds, wait=timedelta(seconds=config.command_wait_seconds), observe=_counting(_meter_of(client))
    )
    after = timedelta(seconds=config.sweep_after_seconds)
    return Sweeps(
        dispatcher,
        CommandActivities(database, lambda command: deliver_in_turn(dispatcher, database, command), after=after),
        AccountMailActivities(database, Courier(client).send, after=after),
        FileActivities(database, FileStorage.at(config.storage_url, config.home), VirusScanner(config.clamd_address)),
    )


async def count_failing_runs(client: Client) -> int:
    """How many runs are held up because their workflow's code fails. Raises RPCError when the engine is away."""
    return (await client.count_workflows(FAILING_RUNS)).count


def rounds_of(client: Client, database: Database, config: Settings) -> list[Rounds]:
    """What one worker of all does every so often, each round beside the others: none waits for what another waits
    for."""
    sweeps, lost = sweeps_of(client, database, config), LostCases(client, database, KINDS)
    mailboxes = MailboxWatch(client, database)
    meter = _meter_of(client)
    without_run = meter.create_gauge(
        "casewright_cases_without_run", "Cases that had no run when they were last looked at, and have been given one."
    )
    failing_runs = meter.create_gauge("casewright_failing_runs", "Runs that are held up because their code fails.")

    async def begin_again() -> None:
        without_run.set(len((await lost.look()).lost))
        failing_runs.set(await count_failing_runs(client))

    def leave() -> None:
        """What another process finds from now on is in its figures."""
        without_run.set(0)
        failing_runs.set(0)

    async def remove_what_is_over() -> None:
        if removed := await forget_what_is_over(database, locked_for=timedelta(minutes=config.lockout_minutes)):
            log.info("removed_what_is_over", **removed)

    async def forget_mail() -> None:
        if forgotten := await forget_old_mail(database, FileStorage.at(config.storage_url, config.home)):
            log.info("forgot_old_mail", **forgotten)

    return [
        Rounds("deliver pending commands", config.sweep_every_seconds, sweeps.commands.sweep),
        Rounds("send account mail", config.sweep_every_seconds, sweeps.account_mail.sweep),
        Rounds("sweep files", config.file_sweep_every_seconds, sweeps.files.sweep, _MANY_FILES_SECONDS),
        Rounds("begin lost cases again", config.reconcile_every_seconds, begin_again, _MANY_CASES_SECONDS, leave),
        Rounds("begin lost mailboxes again", config.reconcile_every_seconds, mailboxes.begin_all),
        Rounds("wake neglected mailboxes", config.sweep_every_seconds, mailboxes.wake_neglected),
        Rounds("forget failures", config.reconcile_every_seconds, lambda: forget_unheard_of(database)),
        Rounds("remove what is over", _AN_HOUR_SECONDS, remove_what_is_over, _MANY_ROWS_SECONDS),
        Rounds("forget old mail", _AN_HOUR_SECONDS, forget_mail, _MANY_ROWS_SECONDS),
    ]


def tell_build(client: Client, build: str) -> None:
    """Says in the figures which code this process runs."""
    info = _meter_of(client).create_gauge("casewright_build_info", "1, for the code that runs.")
    info.set(1, {"process": "worker", "version": version(), "build": build})


def _meter_of(client: Client) -> MetricMeter:
    return (client.service_client.config.runtime or Runtime.default()).metric_meter


def _counting(meter: MetricMeter) -> Callable[[str, str], None]:
    counter = meter.create_counter("casewright_commands", "Commands delivered again, by outcome.")

    def count(kind: str, outcome: str) -> None:
        counter.add(1, {"kind": kind, "outcome": outcome})

    return count
