"""The workers of one process, and their work."""

import asyncio
import signal
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import uvloop
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.cases.aggregate import CaseActivities
from activities.cases.beginning import BeginActivities
from activities.invoices.printing import InvoiceDocumentActivities
from activities.mail.checking import CheckActivities
from activities.mail.deliveries import DeliveryActivities
from activities.mail.fetching import FetchActivities
from activities.mail.giving_way import GivingWay
from activities.mail.letters import Letters
from activities.mail.logins import Logins
from activities.mail.own_smtp import OwnMailServers
from activities.mail.smtp import Mailer
from activities.mail.templates import MailTemplates
from activities.orders.webhook import FulfilmentActivities
from activities.quotes.printing import QuoteDocumentActivities
from api.cases.kinds import Kind
from api.registry import KINDS
from domain.cases import CaseKind
from domain.mail.reply_addresses import ReplyAddresses, reply_key
from models.database import Database
from runtime.client import connect
from runtime.garbage import collect_rarely
from runtime.logs import configure
from runtime.production import require_safe
from runtime.settings import Settings, settings, told_when_unusable
from runtime.telemetry import runtime_of
from stores.files.storage import FileStorage
from stores.mail.secrets import Secrets
from stores.signed_tokens import SignedTokens
from workers.arrivals import MailGivesWay, arrivals_of
from workers.deployment import deployed_as, promote, version_of
from workers.failures import NotedFailures
from workers.rounds import go_on_rounds
from workers.schedules import remove_schedules
from workers.sweeps import rounds_of, sweeps_of, tell_build
from workflows.cases.sweep import SweepWorkflow
from workflows.files.sweep import FileSweepWorkflow
from workflows.invoices.printing import PrintInvoiceWorkflow
from workflows.mail.check import CheckMailboxWorkflow
from workflows.mail.deliver import DeliverWorkflow
from workflows.mail.mailbox import MailboxWorkflow
from workflows.policies import ARRIVALS_QUEUE, ASKS_QUEUE, CASES_QUEUE, DELIVERY_QUEUE, DOCUMENTS_QUEUE, MAIL_QUEUE
from workflows.quotes.printing import PrintQuoteWorkflow

SHORT_WORKFLOWS = (
    *(SweepWorkflow, DeliverWorkflow, FileSweepWorkflow, PrintQuoteWorkflow, PrintInvoiceWorkflow),
    CheckMailboxWorkflow,
)
"""Those that are no cases and end within minutes. Sweeps are rounds of the workers by now; their workflows are here for
the runs that an earlier version's schedules have begun, and can go with the next release."""

LONG_WORKFLOWS = (MailboxWorkflow,)
"""Those that are no cases and go on for as long as what they look after is there."""

# Each waits for a step of another case, and holds nothing meanwhile.
ASKS_AT_ONCE = 100
DELIVERIES_PER_SECOND = 50.0
# To set a paper takes a core for some tens of milliseconds.
DOCUMENTS_AT_ONCE = 2
# Most of them wait for news.
MAILBOXES_AT_ONCE = 1000
ARRIVALS_AT_ONCE = 4
CACHED_WORKFLOWS = 2000
GRACE = timedelta(seconds=3)
PULSE_SECONDS = 2.0


def workers_of(
    client: Client,
    database: Database,
    config: Settings,
    *,
    kinds: Mapping[CaseKind, Kind] = KINDS,
    version: WorkerDeploymentVersion | None = None,
) -> list[Worker]:
    """The workers of one process: cases with their database activities, what these ask of each other, deliveries,
    documents, mailboxes, and what has arrived in them.

    Without a `version` they are those of a server that knows none, or of a house that has not begun to use them.

    Workflows run outside the sandbox, which finds what is not deterministic: tests replay each run in it, and then it
    only costs time. Raises RuntimeError when a setting that they cannot do without is missing.
    """
    link_key = config.link_private_key or config.jwt_private_key
    if link_key is None:
        raise RuntimeError("CASEWRIGHT_LINK_PRIVATE_KEY must be set")
    deployment = deployed_as(version) if version else None
    sweeps = sweeps_of(client, database, config, kinds=kinds)
    noted = [NotedFailures(database)]
    steps = [CaseActivities(database, entry.aggregate) for entry in kinds.values()]
    storage = FileStorage.at(config.storage_url, config.home)
    mailer = mailer_of(config)
    addresses = ReplyAddresses(reply_key(link_key.get_secret_value()))
    letters = Letters(
        database,
        mailer,
        MailTemplates(),
        config.address,
        SignedTokens(link_key.get_secret_value()),
        addresses,
        storage,
        {kind: entry.shown_at for kind, entry in kinds.items()},
    )
    private, secrets = config.allow_private_hosts, Secrets.of(config.secret_keys)
    deliveries = DeliveryActivities(database, mailer, letters, OwnMailServers(secrets, private=private))
    fulfilment = FulfilmentActivities(database, private=private)
    quote_documents = QuoteDocumentActivities(database, storage)
    logins = Logins(database, secrets, private=private)
    way = GivingWay()
    mailboxes = FetchActivities(database, storage, logins, private=private, way=way)
    checks = CheckActivities(database, storage, logins, mailer, private=private)
    cases = Worker(
        client,
        task_queue=CASES_QUEUE,
        workflows=[*(entry.workflow for entry in kinds.values()), *SHORT_WORKFLOWS, *LONG_WORKFLOWS],
        activities=[
            *(activity for each in steps for activity in (each.take_step, each.load)),
            BeginActivities(sweeps.dispatcher.begin).begin,
            # For what earlier versions have left: asks, and the runs of SHORT_WORKFLOWS of their schedules.
            sweeps.commands.carry,
            *(sweeps.commands.sweep, sweeps.account_mail.sweep, sweeps.files.sweep),
        ],
        workflow_runner=UnsandboxedWorkflowRunner(),
        # Nothing lies in a storage outside; to be ready for that cost half of what a payload's way in and out takes.
        max_workflow_task_external_storage_concurrency=1,
        max_cached_workflows=CACHED_WORKFLOWS,
        max_concurrent_activities=config.database_pool_size * 2,
        graceful_shutdown_timeout=GRACE,
        deployment_config=deployment,
        interceptors=[*noted, MailGivesWay(way)],
    )
    asks = Worker(
        client,
        task_queue=ASKS_QUEUE,
        activities=[sweeps.commands.carry],
        max_concurrent_activities=ASKS_AT_ONCE,
        graceful_shutdown_timeout=GRACE,
        deployment_config=deployment,
        interceptors=noted,
    )
    delivery = Worker(
        client,
        task_queue=DELIVERY_QUEUE,
        activities=[deliveries.send_step, fulfilment.call],
        max_concurrent_activities=8,
        max_task_queue_activities_per_second=DELIVERIES_PER_SECOND,
        graceful_shutdown_timeout=GRACE,
        deployment_config=deployment,
        interceptors=noted,
    )
    documents = Worker(
        client,
        task_queue=DOCUMENTS_QUEUE,
        activities=[quote_documents.print, InvoiceDocumentActivities(database, storage).print],
        max_concurrent_activities=DOCUMENTS_AT_ONCE,
        graceful_shutdown_timeout=GRACE,
        deployment_config=deployment,
        interceptors=noted,
    )
    mail = Worker(
        client,
        task_queue=MAIL_QUEUE,
        activities=[mailboxes.fetch, checks.check],
        max_concurrent_activities=MAILBOXES_AT_ONCE,
        # As often as they beat: others take over when they have not for four beats.
        max_heartbeat_throttle_interval=timedelta(seconds=5),
        deployment_config=deployment,
        interceptors=noted,
    )
    arrivals = Worker(
        client,
        task_queue=ARRIVALS_QUEUE,
        activities=[arrivals_of(database, config, sweeps.dispatcher, addresses, storage, way).read_arrived],
        max_concurrent_activities=ARRIVALS_AT_ONCE,
        graceful_shutdown_timeout=GRACE,
        deployment_config=deployment,
        interceptors=noted,
    )
    return [cases, asks, delivery, documents, mail, arrivals]


def mailer_of(config: Settings) -> Mailer:
    """What mail goes out through: the server of the settings, else the one that this machine may have."""
    smtp_url = config.smtp_url.get_secret_value() if config.smtp_url else "smtp://127.0.0.1:25"
    return Mailer(smtp_url, config.mail_from)


async def _beat(pulse: Path) -> None:
    while True:
        await asyncio.to_thread(pulse.touch)
        await asyncio.sleep(PULSE_SECONDS)


async def work(config: Settings) -> None:
    """Works until SIGTERM or SIGINT, then finishes what is in hand.

    Raises UnsafeForProduction, and RuntimeError when the database is not named or the port of the metrics is taken.
    """
    require_safe(config, logins=False)
    if config.database_url is None:
        raise RuntimeError("DATABASE_URL must be set")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runtime = runtime_of(config, metrics=True)
    client = await connect(config, runtime=runtime)
    await remove_schedules(client)
    database = Database(config.database_url.get_secret_value(), pool_size=config.database_pool_size)
    version = version_of(config)
    tell_build(client, version.build_id)
    async with asyncio.TaskGroup() as running:
        workers = workers_of(client, database, config, version=version)
        for worker in workers:
            running.create_task(worker.run())
        rounds = running.create_task(go_on_rounds(database, rounds_of(client, database, config)))
        beating = running.create_task(_beat(config.pulse_file)) if config.pulse_file else None
        promoting = running.create_task(promote(client, version)) if config.promote_at_start else None
        await stop.wait()
        for task in (rounds, beating, promoting):
            if task:
                task.cancel()
        for worker in workers:
            running.create_task(worker.shutdown())
    await database.close()


def work_as_set() -> None:
    """Works by the settings of this process, as `work` does."""
    with told_when_unusable():
        configure(settings(), "worker")
        collect_rarely()
        uvloop.run(work(settings()))
